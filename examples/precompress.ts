/**
 * Compresses a text file with brotli, as one does with static assets before they are served, and proves that it can be
 * unpacked again.
 *
 * mp map examples/precompress.ts 'public/**' --ignore '*.png' > sizes.jsonl
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** 11 saves another tenth and takes twenty times as long. */
const QUALITY = 9;

export interface Precompressed {
  path: string;
  bytes: number;
  compressed: number;
  /** Of the uncompressed text. */
  sha256: string;
}

/** Throws when the file cannot be read, or when it does not survive the round trip. */
export default function precompress(path: string): Precompressed {
  const text = readFileSync(path);
  const compressed = brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      [constants.BROTLI_PARAM_LGWIN]: windowFor(text.length),
    },
  });
  const sha256 = digest(text);
  if (digest(brotliDecompressSync(compressed)) !== sha256) throw new Error('it did not survive the round trip');
  return { path, bytes: text.length, compressed: compressed.length, sha256 };
}

/** A window of 4 MB for a file of 10 kB would cost more time in the kernel than the compression itself. */
function windowFor(size: number): number {
  return Math.min(22, Math.max(constants.BROTLI_MIN_WINDOW_BITS, Math.ceil(Math.log2(size + 16))));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

import { createReadStream } from 'node:fs';
import { CommandError, systemReason } from '../../failure.ts';

/**
 * The lines of a stream of UTF-8 bytes, as they arrive: without their ends (LF or CRLF), empty ones included. Nothing is
 * read ahead of the consumer but one chunk.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  // Pieces of a line that spans chunks: joining them once keeps a huge line linear.
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      pieces.push(text.slice(start, end));
      yield withoutReturn(pieces.length === 1 ? pieces[0]! : pieces.join(''));
      pieces = [];
      start = end + 1;
    }
    if (start < text.length) pieces.push(text.slice(start));
  }
  const last = pieces.join('') + decoder.decode();
  if (last !== '') yield withoutReturn(last);
}

/** The lines of several files, one after the other; `-` is stdin. */
export async function* linesOfFiles(
  paths: string[],
  stdin: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    try {
      yield* linesOf(path === '-' ? stdin : createReadStream(path));
    } catch (error) {
      throw new CommandError(`cannot read '${path}': ${systemReason(error)}`);
    }
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

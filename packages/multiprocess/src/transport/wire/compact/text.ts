/** Writes text. */
import { MAX_SHORT_TEXT, TYPE } from './layout.ts';
import { hasRoom, target } from './memory.ts';

const MAX_LOOP = 32;

export function writeText(text: string, at: number): number {
  const { length } = text;
  if (length > MAX_LOOP) return writeLongText(text, at);
  const { bytes } = target;
  const start = at;
  bytes[at++] = TYPE.shortText + length;
  // Calling the buffer takes longer than this.
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) return writeUtf16(text, start);
    bytes[at++] = code;
  }
  return at;
}

function writeLongText(text: string, at: number): number {
  const { length } = text;
  if (!isLatin1(text)) return writeUtf16(text, at);
  if (!hasRoom(at, length + 5)) return -1;
  at = length > MAX_SHORT_TEXT ? writeHead(TYPE.latin1, length, at) : writeShortHead(length, at);
  target.buffer.write(text, at, length, 'latin1');
  return at + length;
}

// Only of what is not ASCII the characters must be looked at one by one.
function isLatin1(text: string): boolean {
  const { length } = text;
  if (Buffer.byteLength(text) === length) return true;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 255) return false;
  return true;
}

function writeUtf16(text: string, at: number): number {
  const { length } = text;
  if (!hasRoom(at, 2 * length + 5)) return -1;
  at = writeHead(TYPE.utf16, length, at);
  target.buffer.write(text, at, 2 * length, 'utf16le');
  return at + 2 * length;
}

function writeShortHead(length: number, at: number): number {
  target.bytes[at] = TYPE.shortText + length;
  return at + 1;
}

/** A type with a count. */
export function writeHead(type: number, count: number, at: number): number {
  target.bytes[at] = type;
  target.view.setUint32(at + 1, count, true);
  return at + 5;
}

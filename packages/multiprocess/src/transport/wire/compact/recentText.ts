/** Reads short text: much of it has come before, in keys and as names of kinds and states. */

const TABLE = 1024; // a power of 2
const MAX_CACHED = 24;
const MAX_LOOP = 12;
const recent: string[] = new Array(TABLE).fill('');
// The codes of a text, by its length.
const codes = Array.from({ length: MAX_LOOP + 1 }, (_, length): number[] => new Array(length).fill(0));

const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

export function readShortText(bytes: Uint8Array, at: number, length: number): string {
  if (length === 0) return '';
  if (length > MAX_CACHED) return latin1Slice.call(bytes, at, at + length);
  const hash = length * 37 + bytes[at]! * 5 + bytes[at + length - 1]! * 3 + bytes[at + (length >> 1)]!;
  const place = hash & (TABLE - 1);
  const text = recent[place]!;
  if (text.length === length) {
    let i = 0;
    while (i < length && text.charCodeAt(i) === bytes[at + i]) i++;
    if (i === length) return text;
  }
  const made = makeText(bytes, at, length);
  recent[place] = made;
  return made;
}

function makeText(bytes: Uint8Array, at: number, length: number): string {
  if (length > MAX_LOOP) return latin1Slice.call(bytes, at, at + length);
  const list = codes[length]!;
  for (let i = 0; i < length; i++) list[i] = bytes[at + i]!;
  return String.fromCharCode.apply(String, list);
}

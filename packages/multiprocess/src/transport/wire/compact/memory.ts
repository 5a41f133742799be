import { LARGE } from './layout.ts';

const SCRATCH_BYTES = 16 * 1024;
const buffer = new ArrayBuffer(SCRATCH_BYTES);

/** The thread's working memory, in which small messages are made: two views of one buffer. */
export const scratch: { readonly bytes: Uint8Array<ArrayBuffer>; readonly words: Int32Array<ArrayBuffer> } = {
  bytes: new Uint8Array(buffer),
  words: new Int32Array(buffer),
};

// What is written without asking for room: the longest type with data of a fixed size, or a short text.
const SLACK = 160;

/** Where a message is being written. Positions in it are passed from call to call; -1 is "it cannot be written". */
export interface Target {
  bytes: Uint8Array<ArrayBuffer>;
  buffer: Buffer<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** Up to here `SLACK` bytes are free behind a position. */
  limit: number;
  /** The finished pieces, and large arrays between them; undefined: all must fit into `scratch`. */
  pieces: Uint8Array[] | undefined;
  /** Where the next piece begins. */
  pieceStart: number;
  /** Bytes of the message that lie outside `bytes`. */
  outside: number;
}

const inScratch = { ...over(scratch.bytes), pieces: undefined, pieceStart: 0, outside: 0 };
export const target: Target = { ...inScratch };

function over(bytes: Uint8Array<ArrayBuffer>): Pick<Target, 'bytes' | 'buffer' | 'view' | 'limit'> {
  const { buffer, length } = bytes;
  return { bytes, buffer: Buffer.from(buffer), view: new DataView(buffer), limit: length - SLACK };
}

/** Is there room for `size` bytes more, and the slack behind them? Grows the target if it may. */
export function hasRoom(at: number, size: number): boolean {
  return at + size <= target.limit || grow(at, size);
}

function grow(at: number, size: number): boolean {
  if (!target.pieces) return false;
  const bytes = new Uint8Array(Math.max(4 * target.bytes.length, 2 * (at + size + SLACK)));
  bytes.set(target.bytes.subarray(target.pieceStart, at), target.pieceStart);
  Object.assign(target, over(bytes));
  return true;
}

/** Puts `bytes` into the message without copying them. */
export function insertPiece(at: number, bytes: Uint8Array): void {
  target.pieces!.push(target.bytes.subarray(target.pieceStart, at), bytes);
  target.pieceStart = at;
  target.outside += bytes.length;
}

/** Is an array of `size` bytes to be a piece of its own? */
export function isPiece(size: number): boolean {
  return size >= LARGE && target.pieces !== undefined;
}

/** To be called before a message that may have pieces, and may be longer than `scratch`. */
export function beginPieces(): void {
  target.pieces = [];
}

/** The pieces of the message that ends `at`. What follows is written into `scratch` again. */
export function endPieces(at: number): Uint8Array<ArrayBufferLike>[] {
  const { pieces, bytes, pieceStart } = target;
  if (at > pieceStart) pieces!.push(bytes.subarray(pieceStart, at));
  backToScratch();
  return pieces!;
}

/** The same in one piece, which is a copy. */
export function endJoined(at: number): Uint8Array<ArrayBuffer> {
  if (target.pieceStart > 0) return joined(endPieces(at));
  const message = target.bytes.slice(0, at);
  backToScratch();
  return message;
}

function backToScratch(): void {
  if (target.bytes === scratch.bytes && target.pieceStart === 0) target.pieces = undefined;
  else Object.assign(target, inScratch);
}

/** The pieces of a message in one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer); // all of it is overwritten
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

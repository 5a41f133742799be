export type { Bytes } from './bytes.ts';
export { Connection } from './connection.ts';
export { BufferTooShortError, endReached, handleClosed, peerGone, timedOut, tooLong } from './connection-errors.ts';
export { RingReader } from './reader.ts';
export { createRing, freeRing } from './ring.ts';
export { Turns } from './turns.ts';
export { RingWriter } from './writer.ts';

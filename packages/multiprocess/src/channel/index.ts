export { RingReader } from './reader.ts';
export { createRing, freeRing } from './ring.ts';
export { RingWriter } from './writer.ts';

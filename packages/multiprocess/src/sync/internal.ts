/** The second door, for what is built on monitors elsewhere: queues. */
export { markFirst, WATCHER } from './calling.ts';
export { printsAsString, type SharedObject } from './cell.ts';
export { RECORD, State } from './layout.ts';
export { Monitor } from './monitor.ts';
export { call, mark, type Urge, type Wait, waitAsync, waitSync } from './parking.ts';
export { at, records } from './records.ts';

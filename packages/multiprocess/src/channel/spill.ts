/** Messages that are too large for a ring travel in a cell of their own. The steps and their failures: layout.ts. */
import { MultiprocessError } from '../errors.ts';
import { allocateScratch, free, takeOut, writeParts } from '../memory/index.ts';
import { native } from '../native.ts';
import type { RingMemory } from './ring.ts';

/** Where a spilled message lies, and the reference that keeps it for the reader. */
export interface Spilled {
  cell: number;
  reference: number;
}

/** Steps 1 to 3: a cell with the message, to which the reader refers, too. Throws `ERR_MP_NO_MEMORY`. */
export function spill(ring: RingMemory, size: number, parts: readonly Uint8Array[]): Spilled {
  const cell = allocateScratch(size);
  if (cell === 0) throw noRoom(size);
  writeParts(cell, parts);
  const generation = native.cellGeneration(cell);
  ring.store('spillGeneration', generation);
  ring.store('spillHigh', Math.floor(cell / 2 ** 32));
  ring.store('spillLow', cell);
  const reference = native.cellRetain(cell, generation, ring.load('readerSlot'));
  if (reference !== 0) return { cell, reference };
  free(cell);
  ring.store('spillLow', 0);
  throw noRoom(size);
}

/** Steps 5 and 6: the message is published. */
export function handOver(ring: RingMemory, { cell }: Spilled): void {
  free(cell);
  ring.store('spillLow', 0);
}

/** Steps 7 and 8. `advance` moves `head`. */
export function takeSpilled({ cell, reference }: Spilled, size: number, advance: () => void): Uint8Array {
  const message = takeOut(cell, size);
  advance();
  native.cellRelease(reference, cell);
  return message;
}

/** After the writer's death, when every message has been read: drops the reference that it made last and did not publish. */
export function recoverSpill(ring: RingMemory): void {
  const cell = offsetOf(ring.load('spillLow'), ring.load('spillHigh'));
  if (cell === 0 || native.cellGeneration(cell) !== ring.load('spillGeneration')) return;
  const reference = native.cellFind(cell, ring.load('readerSlot'));
  if (reference !== 0) native.cellRelease(reference, cell);
}

export function offsetOf(low: number, high: number): number {
  return (high >>> 0) * 2 ** 32 + (low >>> 0);
}

function noRoom(size: number): MultiprocessError {
  return new MultiprocessError('ERR_MP_NO_MEMORY', `no room for a message of ${size} bytes in the realm`);
}

/**
 * What a child gets to know before any user code runs, and what it is to run.
 *
 * A payload in realm memory, written by the parent into a cell that the child owns:
 *
 * ```
 *   u32 size of the preparation | preparation | process object, target, args; both as `dumps` writes them
 * ```
 */
import { MultiprocessError } from '../errors.ts';
import { allocate, bytesAt, free, selfSlot, table } from '../memory/index.ts';
import { dumps, loadsSync } from '../transport/index.ts';
import { type ProcessId, self } from './identity.ts';
import { describeSurroundings, type Surroundings } from './surroundings.ts';

export interface Preparation {
  name: string;
  path: readonly number[];
  daemon: boolean;
  mayHaveChildren: boolean;
  ignoreInterrupt: boolean;
  parent: ProcessId;
  /** Absent: those of the zygote are right. */
  surroundings: Surroundings | undefined;
}

export interface FullPreparation extends Preparation {
  surroundings: Surroundings;
}

/** What every child takes over from this process, as it is now. */
export function describePreparation(): FullPreparation {
  const { name, path, daemon, mayHaveChildren } = self();
  return {
    name,
    path,
    daemon,
    mayHaveChildren,
    ignoreInterrupt: false,
    parent: { name, pid: process.pid, startTime: table.startTime(selfSlot()) },
    surroundings: describeSurroundings(),
  };
}

/** Leaves the payload in the child's slot, in place of an earlier one. Throws `ERR_MP_NO_MEMORY` when the realm is full. */
export function writePayload(slot: number, preparation: Preparation, program: Uint8Array): void {
  const head = dumps(preparation);
  const size = new Uint8Array(Uint32Array.of(head.length).buffer);
  leaveBytes(slot, slot, [size, head, program]);
}

/** Leaves bytes in a slot, in a cell that lives as long as the process of slot `owner`. */
export function leaveBytes(slot: number, owner: number, parts: Uint8Array[]): void {
  const earlier = table.payload(slot).offset;
  if (earlier !== 0) free(earlier);
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const cell = allocate(size, owner);
  if (cell === 0) throw new MultiprocessError('ERR_MP_NO_MEMORY', `no room for ${size} bytes in the realm`);
  const bytes = bytesAt(cell, size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  table.setPayload(slot, cell, size);
}

/** Takes the bytes out of a slot, into `room` if they fit: copied, and freed in realm memory. */
export function takeBytes(slot: number, room?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { offset, size } = table.payload(slot);
  const bytes = room && size <= room.length ? room.subarray(0, size) : new Uint8Array(size);
  bytes.set(bytesAt(offset, size));
  table.setPayload(slot, 0, 0);
  free(offset);
  return bytes;
}

// A child takes only one payload, and to make room for it costs page faults.
const roomForPayload = new Uint8Array(4096);

/** In the child: what {@link writePayload} left. */
export function takePayload(slot: number): { preparation: Preparation; program: Uint8Array } {
  const bytes = takeBytes(slot, roomForPayload);
  const headSize = new DataView(bytes.buffer).getUint32(0, true);
  return { preparation: loadsSync(bytes.subarray(4, 4 + headSize)), program: bytes.subarray(4 + headSize) };
}

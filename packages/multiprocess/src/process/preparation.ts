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
import { dumps, entryUrl, loadsSync } from '../transport/index.ts';
import { type ProcessId, self } from './identity.ts';
import { getStartMethod, type StartMethod } from './methods.ts';

export interface Preparation {
  name: string;
  path: readonly number[];
  daemon: boolean;
  mayHaveChildren: boolean;
  ignoreInterrupt: boolean;
  authKey: Uint8Array;
  parent: ProcessId;
  startMethod: StartMethod | undefined;
  /** URL of the program's entry module: its functions travel by value. */
  entry: string | undefined;
  argv: string[];
  execArgv: string[];
  cwd: string;
  umask: number;
  /** Absent: the zygote's own environment is right. */
  env: NodeJS.ProcessEnv | undefined;
}

/** What every child takes over from this process, as it is now. */
export function describePreparation(): Preparation {
  const { name, path, daemon, mayHaveChildren, authKey } = self();
  return {
    name,
    path,
    daemon,
    mayHaveChildren,
    ignoreInterrupt: false,
    authKey,
    parent: { name, pid: process.pid, startTime: table.startTime(selfSlot()) },
    startMethod: getStartMethod({ allowNone: true }),
    entry: entryUrl(),
    argv: process.argv,
    execArgv: process.execArgv,
    cwd: process.cwd(),
    umask: process.umask(),
    env: undefined,
  };
}

/** Leaves the payload in the child's slot. Throws `ERR_MP_NO_MEMORY` when the realm is full. */
export function writePayload(slot: number, preparation: Preparation, program: Uint8Array): void {
  const head = dumps({ ...preparation, authKey: new Uint8Array(preparation.authKey) }); // as bytes: a key does not travel otherwise
  const size = new Uint8Array(Uint32Array.of(head.length).buffer);
  leaveBytes(slot, slot, [size, head, program]);
}

/** Leaves bytes in a slot, in a cell that lives as long as the process of slot `owner`. */
export function leaveBytes(slot: number, owner: number, parts: Uint8Array[]): void {
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

/** Takes the bytes out of a slot: copied, and freed in realm memory. */
export function takeBytes(slot: number): Buffer {
  const { offset, size } = table.payload(slot);
  const bytes = Buffer.from(bytesAt(offset, size));
  table.setPayload(slot, 0, 0);
  free(offset);
  return bytes;
}

/** In the child: what {@link writePayload} left. */
export function takePayload(slot: number): { preparation: Preparation; program: Uint8Array } {
  const bytes = takeBytes(slot);
  const headSize = bytes.readUInt32LE(0);
  return { preparation: loadsSync(bytes.subarray(4, 4 + headSize)), program: bytes.subarray(4 + headSize) };
}

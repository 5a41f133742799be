/** Memory of the realm that is lent to V8, as ArrayBuffers: native/shm/lend.cc. */
import { native } from '../native.ts';

/** After so many bytes in so many buffers, or so many bytes in fewer, V8 is to look for what is not used any more. */
const COLLECT_BYTES = 16 * 2 ** 20;
const COLLECT_BUFFERS = 8;
const COLLECT_ANYWAY = 256 * 2 ** 20;
let bytes = 0;
let buffers = 0;
let gc: NodeJS.GCFunction | undefined;

/** An ArrayBuffer over the first bytes of a cell, which lives as long as they are used; undefined where there is no way to make one. */
export function lend(cell: number, size: number): ArrayBuffer | undefined {
  if (bytes >= (buffers >= COLLECT_BUFFERS ? COLLECT_BYTES : COLLECT_ANYWAY)) collectYoung();
  bytes += size;
  buffers++;
  return native.cellLend(cell, size);
}

/**
 * V8 knows nothing of such buffers, and would not see to it that they are collected in time if it did: a loop that only receives
 * allocates next to nothing, so no collection begins, or, in children, which collect in the thread that runs, none comes to its
 * end. Most of them do not outlive the next ones, so a collection of the young generation is enough, a fraction of a
 * millisecond. V8 gets to know of those that have survived it, and begins one of the whole heap when these are too many.
 */
function collectYoung(): void {
  gc ??= globalThis.gc ?? exposedGc();
  gc({ type: 'minor', execution: 'sync' });
  native.lendReport();
  bytes = 0;
  buffers = 0;
}

function exposedGc(): NodeJS.GCFunction {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return gc;
}

/**
 * What a thread has left in its worker. Only a worker without a trace may run another thread: that one must not be able to tell that
 * it is not the first.
 */
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { LIBRARY } from '../location.ts';
import { native } from '../native.ts';
import { hasMadeChildren } from '../process/internal.ts';
import { hasImported } from '../transport/index.ts';
import { hasHosts } from './host.ts';
import { hasMadeThreads } from './thread.ts';

/** Of garbage, in bytes: a worker that rests keeps it. */
const MOST = 32 * 2 ** 20;
const OURS = fileURLToPath(LIBRARY);

let before: number[] = [];
let heapBefore = 0;

/** Remembers how it is before the first thread. */
export function rememberTraces(): void {
  before = counts();
  heapBefore = v8.getHeapStatistics().used_heap_size;
}

/** Whether a timer or another handle is left, that does not keep the thread alive; or a timer has been, and libuv does not know yet. */
export function leavesHandles(): boolean {
  return native.loopHandles() !== before[0];
}

/** Anything else, whose end is not to be waited for. */
export function leavesTraces(): boolean {
  return (
    hasMadeThreads() ||
    hasHosts() ||
    hasMadeChildren() ||
    hasImported() ||
    process.exitCode !== undefined ||
    counts().some((count, i) => i > 0 && count !== before[i]) ||
    v8.getHeapStatistics().used_heap_size > heapBefore + MOST
  );
}

const counts = (): number[] => [
  native.loopHandles(),
  process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  Reflect.ownKeys(globalThis).length,
  Object.keys(required).filter((file) => !file.startsWith(OURS)).length,
  Error.stackTraceLimit,
];

/** What `require` has loaded. ES modules that the library has loaded are among them when they have been required, too. */
const required = (module as unknown as { _cache: object })._cache;

/** The second door: for entry/. */
export { runThreads } from './bootstrap.ts';
export { activeDummies, DummyProcess } from './dummy.ts';
export type { WorkerStart } from './host.ts';
export { endThread, onThreadEnd } from './hosting.ts';

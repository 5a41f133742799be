/** The second door: for entry/. */
export { runThread } from './bootstrap.ts';
export { endThread, onThreadEnd } from './hosting.ts';
export type { WorkerStart } from './launch.ts';

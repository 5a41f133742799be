/** The second door: for entry/. */
export { runThread } from './bootstrap.ts';
export type { WorkerStart } from './launch.ts';

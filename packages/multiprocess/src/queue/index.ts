export { JoinableQueue } from './joinable.ts';
export type { JoinableQueueOptions, QueueOptions } from './options.ts';
export { Queue, SimpleQueue } from './queue.ts';

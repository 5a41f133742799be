export { MessageQueue } from './base.ts';
export { JoinableQueue } from './joinable.ts';
export type { JoinableQueueOptions, QueueOptions } from './options.ts';
export { Pipe, PipeConnection } from './pipe.ts';
export { Queue, SimpleQueue } from './queue.ts';

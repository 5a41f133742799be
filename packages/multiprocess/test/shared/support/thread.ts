/** A worker thread that runs the function it is given. */
import { workerData } from 'node:worker_threads';
import 'multiprocess';
import { loads } from '../../../dist/transport/index.js';

const [target, args] = (await loads(workerData)) as [(...args: unknown[]) => unknown, unknown[]];
await target(...args);

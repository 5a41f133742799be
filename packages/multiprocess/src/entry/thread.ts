/** What a worker thread of a `Thread` runs: it takes a slot, then becomes the thread that it was started as. */
import '../index.ts'; // all of the library: what is sent by name must be known here
import '../threading/index.ts';
import { workerData } from 'node:worker_threads';
import { runThreads } from '../threading/internal.ts';

runThreads(workerData);

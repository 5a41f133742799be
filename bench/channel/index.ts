/** Queues and pipes: rates, round trips, bandwidth, memory; beside process.send, MessagePort and CPython. */
import { printGoals } from '../goals.ts';
import { runParts } from '../parts.ts';
import * as bandwidth from './bandwidth.ts';
import * as memory from './memory.ts';
import * as rate from './rate.ts';
import * as roundtrip from './roundtrip.ts';

export async function run(): Promise<void> {
  await runParts({ rate: rate.run, roundtrip: roundtrip.run, bandwidth: bandwidth.run, memory: memory.run });
  printGoals();
}

/** Queues and pipes: rates, round trips, bandwidth, memory; beside process.send, MessagePort and CPython. */
import { options } from '../options.ts';
import * as bandwidth from './bandwidth.ts';
import * as memory from './memory.ts';
import * as rate from './rate.ts';
import { printGoals } from './report.ts';
import * as roundtrip from './roundtrip.ts';

const PARTS = { rate, roundtrip, bandwidth, memory };

export async function run(): Promise<void> {
  const parts = options.only === undefined ? Object.keys(PARTS) : options.only.split(',');
  for (const part of parts) {
    const { run } = PARTS[part as keyof typeof PARTS] ?? {};
    if (!run) throw new Error(`--only takes ${Object.keys(PARTS).join(', ')}, not '${part}'`);
    await run();
  }
  printGoals();
}

/**
 * What pools tell on `node:diagnostics_channel`, for whoever subscribes:
 *
 * | channel                   | message                                                     |
 * |---------------------------|-------------------------------------------------------------|
 * | multiprocess.task.start   | { task, attempt, pid }: a worker is about to run it         |
 * | multiprocess.task.end     | { task, attempt, status, reason? }: its outcome is known    |
 * | multiprocess.task.retry   | { task, attempt, reason }: it failed, and will be run again |
 * | multiprocess.worker.start | { name, pid }                                               |
 * | multiprocess.worker.end   | { name, pid, exitCode, signal }                             |
 */
import { channel } from 'node:diagnostics_channel';
import type { Host } from './host.ts';
import type { Item, Outcome } from './job.ts';

const start = channel('multiprocess.task.start');
const end = channel('multiprocess.task.end');
const retry = channel('multiprocess.task.retry');
const workerStart = channel('multiprocess.worker.start');
const workerEnd = channel('multiprocess.worker.end');

export function taskStarted(item: Item, { pid }: Host): void {
  if (start.hasSubscribers) start.publish({ ...named(item), pid });
}

export function taskEnded(item: Item, outcome: Outcome): void {
  if (!end.hasSubscribers) return;
  const { status } = outcome;
  end.publish({ ...named(item), status, ...(status === 'rejected' && { reason: outcome.reason }) });
}

export function taskRetried(item: Item, reason: unknown): void {
  if (retry.hasSubscribers) retry.publish({ ...named(item), reason });
}

export function workerStarted({ name, pid }: Host): void {
  if (workerStart.hasSubscribers) workerStart.publish({ name, pid });
}

export function workerEnded({ name, pid, exitCode, signalCode }: Host): void {
  if (workerEnd.hasSubscribers) workerEnd.publish({ name, pid, exitCode, signal: signalCode });
}

const named = ({ job, index, attempt }: Item) => ({ task: job.describe(index), attempt });

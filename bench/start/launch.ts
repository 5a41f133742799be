/** One empty child by each of the ways that Node has: started, and waited for until it has ended. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { getContext, type Process, type StartMethod } from 'multiprocess';

const EMPTY = new URL('./fixtures/empty.js', import.meta.url);

export async function forked(): Promise<void> {
  const child = startEmpty('forkserver');
  await child.join();
  child.close();
}

export async function forkedSync(): Promise<void> {
  const child = startEmpty('forkserver');
  child.joinSync();
  child.close();
}

export async function spawned(): Promise<void> {
  const child = startEmpty('spawn');
  await child.join();
  child.close();
}

export async function childProcess(): Promise<void> {
  await once(fork(EMPTY), 'exit');
}

export async function worker(): Promise<void> {
  await once(new Worker(EMPTY), 'exit');
}

function startEmpty(method: StartMethod): Process {
  const child = new (getContext(method).Process)({ target: () => {} });
  child.start();
  return child;
}

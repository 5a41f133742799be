/** What Node users have: process.send and MessagePort. The other side is a process, or a thread, in fixtures/. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Sample } from '../contest.ts';
import { type PayloadName, Tally } from './payloads.ts';

export type Other = 'json' | 'advanced' | 'port' | 'transfer';

/** Microseconds per message, from a child or a worker to us. */
export async function receive(how: Other, name: PayloadName, count: number): Promise<Sample> {
  return withPeer(how, 'sender.ts', async (peer) => {
    const warmUp = Math.max(1, count >> 2);
    await received(peer, name, warmUp, how);
    const [begin, cpu] = [performance.now(), process.cpuUsage()];
    const theirs = await received(peer, name, count, how);
    const { user, system } = process.cpuUsage(cpu);
    // A thread's time is in ours.
    const total = user + system + (isThread(how) ? 0 : theirs);
    return { time: ((performance.now() - begin) * 1000) / count, cpu: total / count };
  });
}

/** Microseconds for a number there and back. */
export async function roundTrip(how: Other, count: number): Promise<Sample> {
  return withPeer(how, 'echo.ts', async (peer) => {
    let [begin, cpu] = [0, process.cpuUsage()];
    for (const total of [count >> 2, count]) {
      [begin, cpu] = [performance.now(), process.cpuUsage()];
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let i = 0;
      const listener = (answer: number) => {
        if (answer !== i) reject(new Error(`${answer} is not ${i}`));
        else if (++i === total) resolve();
        else peer.send(i);
      };
      peer.on(listener);
      peer.send(0);
      await promise;
      peer.off(listener);
    }
    const { user, system } = process.cpuUsage(cpu);
    return { time: ((performance.now() - begin) * 1000) / count, cpu: (user + system) / count };
  });
}

interface Peer {
  send(message: any): void;
  on(listener: (message: any) => void): void;
  off(listener: (message: any) => void): void;
}

const isThread = (how: Other) => how === 'port' || how === 'transfer';

async function withPeer<T>(how: Other, file: string, work: (peer: Peer) => Promise<T>): Promise<T> {
  const url = new URL(`./fixtures/${file}`, import.meta.url);
  if (isThread(how)) {
    const worker = new Worker(url);
    try {
      return await failingWith(worker, work(asPeer(worker, (message) => worker.postMessage(message))));
    } finally {
      await worker.terminate();
    }
  }
  const child = fork(url, { serialization: how as 'json' | 'advanced' });
  const ended = once(child, 'exit');
  try {
    return await failingWith(child, work(asPeer(child, (message) => child.send(message))));
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

function asPeer(emitter: NodeJS.EventEmitter, send: (message: any) => void): Peer {
  return {
    send,
    on: (listener) => void emitter.on('message', listener),
    off: (listener) => void emitter.off('message', listener),
  };
}

/** The work; fails when the peer ends meanwhile. */
function failingWith<T>(peer: NodeJS.EventEmitter, work: Promise<T>): Promise<T> {
  const failed = new Promise<never>((_, reject) => {
    peer.once('error', reject);
    peer.once('exit', (code) => reject(new Error(`a benchmark's peer ended with ${code}`)));
  });
  failed.catch(() => {});
  return Promise.race([work, failed]);
}

/** Has `count` messages sent; resolves to the processor time of the sender once they are here, and checked. */
function received(peer: Peer, name: PayloadName, count: number, how: Other): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const tally = new Tally(name, true);
  const listener = (message: any) => {
    try {
      if (tally.count < count) return tally.add(message);
      peer.off(listener);
      resolve(message.cpu);
    } catch (error) {
      reject(error);
    }
  };
  peer.on(listener);
  peer.send({ name, count, transfer: how === 'transfer' });
  return promise;
}

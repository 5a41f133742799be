/** Producers and consumers that can be killed: forked and spawned processes, and threads. */
import { once } from 'node:events';
import { Worker as Thread } from 'node:worker_threads';
import { dumps, getContext } from 'multiprocess';

export type Way = 'forkserver' | 'spawn' | 'thread';

export interface Worker {
  readonly name: string;
  /** How many items it may take into the grave. */
  readonly hands: number;
  /** SIGKILL, or `terminate()` for a thread. */
  kill(): Promise<void>;
  /** Stops it for a while; undefined: threads cannot be stopped. */
  pause: ((ms: number) => Promise<void>) | undefined;
  /** Waits for its own end; what is wrong with it, if anything is. */
  end(patience: number): Promise<string | undefined>;
}

const living = new Set<Worker>();
const failed: string[] = [];

/** Those that had ended with an error when they were to be killed, since the last call. */
export const takeFailed = () => failed.splice(0);

/** After a round that went wrong: whoever is left. */
export async function killRest(): Promise<void> {
  for (const worker of living) await worker.kill();
}

export function startWorker<A extends readonly unknown[]>(
  name: string,
  way: Way,
  hands: number,
  target: (...args: A) => unknown,
  args: A,
): Worker {
  const worker =
    way === 'thread' ? threadWorker(name, hands, target, args) : processWorker(name, way, hands, target, args);
  living.add(worker);
  return worker;
}

function processWorker<A extends readonly unknown[]>(
  name: string,
  way: 'forkserver' | 'spawn',
  hands: number,
  target: (...args: A) => unknown,
  args: A,
): Worker {
  const { Process } = getContext(way);
  const child = new Process({ name, target, args: args as never, daemon: true });
  child.start();
  const { pid } = child;
  return {
    name: `${name} (${way})`,
    hands,
    async kill() {
      living.delete(this);
      child.kill();
      await child.join();
      const { exitCode } = child;
      if (exitCode !== -9 && exitCode !== 0) failed.push(`${this.name} had ended with ${exitCode}`);
      child.close();
    },
    async pause(ms) {
      if (!child.isAlive()) return;
      try {
        process.kill(pid!, 'SIGSTOP');
        await new Promise((resolve) => setTimeout(resolve, ms));
        process.kill(pid!, 'SIGCONT');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended meanwhile
      }
    },
    async end(patience) {
      await child.join(patience);
      const { exitCode } = child;
      if (exitCode === null) {
        await this.kill();
        return `${this.name} hangs`;
      }
      living.delete(this);
      child.close();
      return exitCode === 0 ? undefined : `${this.name} ended with ${exitCode}`;
    },
  };
}

function threadWorker<A extends readonly unknown[]>(
  name: string,
  hands: number,
  target: (...args: A) => unknown,
  args: A,
): Worker {
  const thread = new Thread(new URL('../../sync/fixtures/thread.ts', import.meta.url), {
    workerData: dumps([target, args]),
    execArgv: ['--no-warnings'],
  });
  let failure: unknown;
  thread.on('error', (error) => {
    failure = error;
  });
  const kept = [args]; // in a message without receiver, cells live as long as the sender's objects
  const exit = once(thread, 'exit')
    .catch(() => {}) // `failure` says it
    .finally(() => kept.pop());
  return {
    name: `${name} (thread)`,
    hands,
    pause: undefined,
    async kill() {
      living.delete(this);
      await thread.terminate();
      await exit;
      if (failure !== undefined) failed.push(`${this.name} had ended with ${failure}`);
    },
    async end(patience) {
      const timer = new Promise((resolve) => setTimeout(resolve, patience, 'late').unref());
      const isLate = (await Promise.race([exit, timer])) === 'late';
      await this.kill();
      return isLate ? `${this.name} hangs` : undefined;
    },
  };
}

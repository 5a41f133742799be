/** Producers and consumers that can be killed: forked and spawned processes, and threads. */
import { getContext } from 'multiprocess';
import type { Way } from '../../process/support/matrix.ts';

export type { Way };

export interface Worker {
  readonly name: string;
  /** How many items it may take into the grave. */
  readonly hands: number;
  /** `kill()`. */
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
  const { Process } = getContext(way);
  const child = new Process({ name, target, args: args as never, daemon: true });
  child.start();
  const { pid } = child;
  const worker: Worker = {
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
    pause: way === 'thread' ? undefined : (ms) => (child.isAlive() ? pause(pid!, ms) : Promise.resolve()),
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
  living.add(worker);
  return worker;
}

async function pause(pid: number, ms: number): Promise<void> {
  try {
    process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended meanwhile
  }
}

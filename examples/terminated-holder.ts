// A process is terminated while it holds a lock. In Python, multiprocessing.Lock stays locked for ever then, and everybody
// who wants it hangs. Here the next one gets it, and learns that it was abandoned: what it protects may be half changed.
import { Event, Lock, Process } from 'multiprocess';

const lock = new Lock();
const held = new Event();

const holder = new Process({
  name: 'holder',
  target: async () => {
    await lock.acquire();
    held.set();
    await new Promise((resolve) => setTimeout(resolve, 3_600_000)); // long, and never gets to release()
  },
});
holder.start();
await held.wait();
console.log(`main: ${lock}, locked: ${lock.locked()}, token: ${lock.token}`);
console.log(`main: can I have it within 100 ms? ${await lock.acquire(100)}`);

const waiter = new Process({
  name: 'waiter',
  target: async () => {
    await lock.acquire();
    console.log(`waiter: I have it, abandoned: ${lock.abandoned}, token: ${lock.token}`);
    lock.release();
  },
});
waiter.start();
holder.terminate();
await holder.join();
console.log(`main: the holder has ended with exit code ${holder.exitCode}`);
await waiter.join();

console.log(`main: and now I? ${await lock.acquire(100)}, abandoned: ${lock.abandoned}`); // release() made it whole
lock.release();

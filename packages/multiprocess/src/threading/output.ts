/**
 * What a thread prints goes straight to the descriptor, as what other processes print does.
 *
 * Node.js sends it to the parent thread instead, and keeps the thread alive until that has taken it: `joinSync()` of a
 * thread that has printed something would wait for ever, because it blocks the very loop that the thread waits for.
 */
import { writeSync } from 'node:fs';

interface Chunk {
  chunk: string | Uint8Array;
  encoding: BufferEncoding;
}

/** How long a pipe that is full, and set not to block, is left alone. */
const FULL_FOR = 1;
const bell = new Int32Array(new SharedArrayBuffer(4));

export function printDirectly(): void {
  for (const [stream, fd] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    stream._writev = (chunks: Chunk[], done: (error?: Error) => void) => {
      let failure: Error | undefined;
      try {
        const bytes = chunks.map(({ chunk, encoding }) =>
          typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
        );
        writeAll(fd, Buffer.concat(bytes));
      } catch (error) {
        failure = error as Error;
      }
      done(failure);
    };
    stopWaiting(stream);
  }
}

/**
 * What preloaded modules have printed by now is on its way to the parent thread. Until that has taken it, which may be never, the
 * stream would keep back what is printed next, and the thread alive. Node.js has no public way to say so: this is what it calls when
 * the parent has.
 */
function stopWaiting(stream: object): void {
  const symbols = Object.getOwnPropertySymbols(Object.getPrototypeOf(stream));
  const key = symbols.find(({ description }) => description === 'kStdioWantsMoreDataCallback');
  (stream as Record<symbol, (() => void) | undefined>)[key!]?.();
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(bell, 0, 0, FULL_FOR);
    }
  }
}

/**
 * How a forked child leaves: by its own door.
 *
 * Node's teardown joins V8's platform threads, which do not exist in a forked child (SIGSEGV on Node 22 and 24, a hang on
 * 26). So when the loop is empty, on `process.exit()`, or after an uncaught error, the 'exit' handlers run as always, and
 * then `_exit` takes the place of the teardown.
 */
import v8 from 'node:v8';
import { selfSlot } from '../memory/index.ts';
import { native } from '../native.ts';
import { printUncaught } from './uncaught.ts';

/** From here on, this process and those forked from it leave through `native.processExit`. */
export function useOwnDoor(): void {
  const leave = (code: number): never => {
    if (process.env.NODE_V8_COVERAGE) v8.takeCoverage();
    return native.processExit(selfSlot(), code);
  };
  const current = (code: unknown): number => Number(process.exitCode ?? code ?? 0);

  // `process.exit()` ends here, also when it is called in an 'exit' handler.
  (process as unknown as { reallyExit: (code?: number) => never }).reallyExit = (code) => leave(current(code));

  // Everything else ends with Node emitting 'exit', after which it would tear itself down.
  const emit = process.emit as (event: string, ...args: unknown[]) => boolean;
  process.emit = function (this: NodeJS.Process, event: string, ...args: unknown[]): boolean {
    if (event !== 'exit') return emit.call(this, event, ...args);
    try {
      emit.call(this, event, ...args);
    } catch (error) {
      printUncaught(error);
      leave(1);
    }
    return leave(current(args[0]));
  } as typeof process.emit;
}

/**
 * Writes to a pipe wait for its reader, as writes to a file do: what a process has printed is not lost when it leaves.
 * (In Node, `process.exit()` cuts off what a slow reader has not taken yet.)
 */
export function makeStandardStreamsSynchronous(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const { get } = Object.getOwnPropertyDescriptor(process, name)!;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get() {
        const stream = get!.call(process);
        stream._handle?.setBlocking?.(true);
        Object.defineProperty(process, name, { configurable: true, enumerable: true, value: stream });
        return stream;
      },
    });
  }
}

/**
 * How a forked child leaves: by its own door.
 *
 * Node's teardown joins V8's platform threads, which do not exist in a forked child (SIGSEGV on Node 22 and 24, a hang on
 * 26). So when the loop is empty, on `process.exit()`, or after an uncaught error, the 'exit' handlers run as always, and
 * then `_exit` takes the place of the teardown.
 */
import { EventEmitter } from 'node:events';
import v8 from 'node:v8';
import { selfSlot } from '../memory/index.ts';
import { native } from '../native.ts';
import { printUncaught, watchForEnd } from './uncaught.ts';

/** From here on, this process and those forked from it leave through `native.processExit`. */
export function useOwnDoor(): void {
  // `process.exit()` ends here, also when it is called in an 'exit' handler.
  (process as unknown as { reallyExit: (code?: number) => void }).reallyExit = (code) => leave(codeOr(code));
  // Everything else ends with Node emitting 'exit', after which it would tear itself down.
  emit = process.emit as typeof emit;
  process.emit = emitAndLeave as typeof process.emit;
}

/** Has the code that ends each child compiled: our own handlers run, the door stays shut. */
export function rehearseLeaving(): void {
  if (emit !== EventEmitter.prototype.emit) return; // a preload's, which may do anything
  const stage = new EventEmitter();
  watchForEnd(stage);
  open = false;
  emitAndLeave.call(stage, 'beforeExit', 0);
  emitAndLeave.call(stage, 'exit', 0);
  open = true;
}

let emit: (this: EventEmitter, event: string, ...args: unknown[]) => boolean = EventEmitter.prototype.emit;

function emitAndLeave(this: EventEmitter, event: string, ...args: unknown[]): boolean {
  if (event !== 'exit') return emit.call(this, event, ...args);
  try {
    emit.call(this, event, ...args);
  } catch (error) {
    printUncaught(error);
    leave(1);
  }
  leave(codeOr(args[0]));
  return true;
}

function codeOr(code: unknown): number {
  return Number(process.exitCode ?? code ?? 0);
}

const measuresCoverage = Boolean(process.env.NODE_V8_COVERAGE);
let open = true;

function leave(code: number): void {
  if (measuresCoverage) v8.takeCoverage();
  if (open) native.processExit(selfSlot(), code);
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

/** What a worker thread does from its first line on: become a thread, load what that runs, run it; rest, and do so again. */
import { idOf, leaveSlot, SlotState, setThreadSlot, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { becomeThread, printUncaught } from '../process/internal.ts';
import { loads, tryLoadsSync } from '../transport/index.ts';
import { setCurrent } from './current.ts';
import { type ThreadStart, Turn, WORD, type WorkerStart } from './host.ts';
import type { ThreadProgram } from './launch.ts';
import { printDirectly } from './output.ts';
import { setState } from './state.ts';
import { inheritDaemon, Thread } from './thread.ts';
import { leavesHandles, leavesTraces, rememberTraces } from './traces.ts';

let slot = -1;

export function runThreads({ start, port, words }: WorkerStart): void {
  printDirectly();
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    if (process.listenerCount('uncaughtException') > 0) return;
    printUncaught(error, `Exception in thread ${table.name(slot)}:`);
    Atomics.store(words, WORD.hasReported, 1);
  });
  port.on('message', (next: ThreadStart | undefined) => {
    if (!next) return port.close();
    port.unref();
    Atomics.store(words, WORD.exitCode, 1);
    runThread(next);
  });
  port.unref();
  Atomics.store(words, WORD.exitCode, 1);
  process.on('exit', (code) => Atomics.store(words, WORD.exitCode, code));
  let hasLooked = false;
  process.on('beforeExit', () => {
    if (Atomics.load(words, WORD.turn) === Turn.Gone || leavesTraces()) return; // it ends
    if (leavesHandles()) {
      if (!hasLooked) setTimeout(() => {}, 1); // then libuv knows that a timer has been cleared
      hasLooked = true;
      return;
    }
    hasLooked = false;
    setCurrent(undefined);
    const ident = idOf(slot);
    Atomics.store(words, WORD.exitCode, 0);
    Atomics.store(words, WORD.turn, Turn.Resting); // before anyone is told of the end
    leaveSlot();
    port.postMessage(ident);
    port.ref();
  });
  rememberTraces();
  runThread(start);
}

function runThread({ slot: own, generation, daemon, name, preparation, program }: ThreadStart): void {
  slot = own;
  setThreadSlot(slot);
  native.threadRename(name);
  table.setNativeId(slot, native.threadNativeId());
  becomeThread(preparation);
  inheritDaemon(daemon);
  const run = (sent: ThreadProgram) => {
    const { thread = Object.create(Thread.prototype) as Thread, target, args, kwargs } = sent;
    setState(thread, {
      ...{ target, args, kwargs, name, daemon, slot, generation },
      ...{ status: 'started', ident: idOf(slot), host: undefined, isCurrent: true },
      ...{ onEnd: new Set(), exitCode: undefined },
    });
    setCurrent(thread);
    table.setState(slot, SlotState.Running);
    (async () => thread.run())().catch((error) => {
      process.nextTick(() => {
        throw error; // outside of any promise: an uncaught error of this thread, like any other
      });
    });
  };
  const loaded = tryLoadsSync(program);
  if (loaded) run(loaded.value as ThreadProgram);
  else void loads(program).then((value) => run(value as ThreadProgram));
}

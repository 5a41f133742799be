/** What a worker thread does from its first line on: become itself, load what it runs, run it. */
import { idOf, SlotState, setThreadSlot, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { becomeThread, printUncaught } from '../process/internal.ts';
import { loads, tryLoadsSync } from '../transport/index.ts';
import { setCurrent } from './current.ts';
import type { ThreadProgram, WorkerStart } from './launch.ts';
import { printDirectly } from './output.ts';
import { setState } from './state.ts';
import { inheritDaemon, Thread } from './thread.ts';

export function runThread({ slot, generation, daemon, name, preparation, program }: WorkerStart): void {
  setThreadSlot(slot);
  table.setNativeId(slot, native.threadNativeId());
  printDirectly();
  becomeThread(preparation);
  inheritDaemon(daemon);
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    if (process.listenerCount('uncaughtException') === 0)
      printUncaught(error, `Exception in thread ${table.name(slot)}:`);
  });
  const run = (sent: ThreadProgram) => {
    const { thread = Object.create(Thread.prototype) as Thread, target, args, kwargs } = sent;
    setState(thread, {
      ...{ target, args, kwargs, name, daemon, slot, generation },
      ...{ status: 'started', ident: idOf(slot), worker: undefined, isCurrent: true },
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

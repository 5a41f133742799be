/** Members of the realm for tests: a fixture run by a fresh Node that inherits the realm as descriptor 3. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureRealm, SlotKind, SlotState, selfSlot, startTimeOf, table } from '../../dist/memory/index.js';

export interface Member {
  slot: number;
  process: ChildProcess;
  /** The next line that it prints. */
  line(): Promise<string>;
  /** Waits for its end and gives back its slot with all it held; the exit code. */
  ended(): Promise<number | null>;
  /** The same after SIGKILL. */
  killed(): Promise<void>;
}

/** Starts `fixtures/<name>.ts SLOT ...args`. */
export function startMember(name: string, ...args: (string | number)[]): Member {
  const realm = ensureRealm();
  const slot = table.claimSlot(selfSlot());
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  const argv = ['--no-warnings', file, String(slot), ...args.map(String)];
  const process_ = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit', realm] });
  const exited = once(process_, 'exit');
  const lines = createInterface({ input: process_.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  table.setKind(slot, SlotKind.Process);
  table.setPid(slot, process_.pid ?? 0);
  table.setStartTime(slot, startTimeOf(process_.pid ?? 0));
  table.setState(slot, SlotState.Running);
  const ended = async () => {
    await exited;
    table.releaseSlot(slot);
    return process_.exitCode;
  };
  return {
    slot,
    process: process_,
    async line() {
      const { done, value } = await lines.next();
      if (done) throw new Error(`${name} ended without a word`);
      return value;
    },
    ended,
    async killed() {
      process_.kill('SIGKILL');
      await ended();
    },
  };
}

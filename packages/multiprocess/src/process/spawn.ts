/** The spawn start method: a new Node.js process that joins the realm through an inherited descriptor. */
import { fileURLToPath } from 'node:url';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { entryUrl } from '../location.ts';
import { realmFd, SlotFlag, SlotState, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { inheritableExecArgv } from './execargv.ts';
import { zygoteBell } from './identity.ts';

let executable = process.execPath;

/**
 * Sets the Node.js binary that new processes run, for this program and its children.
 *
 * @example
 * setExecutable('/opt/node24/bin/node');
 */
export function setExecutable(path: string | URL): void {
  if (typeof path !== 'string' && !(path instanceof URL)) throw invalidArgument('path', 'a path or file URL', path);
  executable = path instanceof URL ? fileURLToPath(path) : path;
}

/** Starts the child of a claimed slot; on return its pid and start time are known. */
export function spawn(slot: number, execArgv: readonly string[], env: NodeJS.ProcessEnv, cwd: string): void {
  const entry = fileURLToPath(entryUrl('child'));
  launchNode(slot, [...inheritableExecArgv(), ...execArgv], entry, env, cwd);
}

/** Starts Node on one of the entry files, which finds its slot in its arguments. */
export function launchNode(
  slot: number,
  execArgv: readonly string[],
  entry: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
): void {
  const argv = [executable, ...execArgv, entry, String(slot)];
  table.setFlags(slot, table.flags(slot) | SlotFlag.Spawned);
  table.setState(slot, SlotState.Bootstrapping);
  const variables = Object.entries(withoutInspector(env)).map(([name, value]) => `${name}=${value}`);
  let pid: number;
  try {
    pid = native.processSpawn(executable, argv, variables, cwd, realmFd(), zygoteBell());
  } catch (error) {
    table.setState(slot, SlotState.Claimed);
    throw startFailed(error, cwd);
  }
  table.setStartTime(slot, native.processStartTime(pid));
  table.setPid(slot, pid);
  native.futexWake(table.fieldOffset(slot, 'pid'), 1);
  native.processReap(pid, slot);
}

function startFailed(error: unknown, cwd: string): MultiprocessError {
  const code = (error as NodeJS.ErrnoException).code;
  const hint = code === 'ENOENT' ? ` (is there a program '${executable}', and a folder '${cwd}'?)` : '';
  return new MultiprocessError('ERR_MP_START_FAILED', `cannot start a process: ${(error as Error).message}${hint}`, {
    cause: error,
  });
}

/** A debugger that every new Node.js is told to wait for would stop each child; they can be attached to one by one. */
function withoutInspector(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!env.NODE_OPTIONS?.includes('--inspect')) return env;
  return { ...env, NODE_OPTIONS: inheritableExecArgv(env.NODE_OPTIONS.split(/\s+/)).join(' ') };
}

/** What the kernel says about processes, and waiting for it to say something else. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Row {
  pid: number;
  state: string;
  parent: number;
  session: number;
  command: string;
}

/** undefined when there is no such process. */
export function processRow(pid: number): Row | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, state: state!, parent: Number(parent), session: Number(session), command };
  } catch {
    return undefined;
  }
}

export function allProcesses(): Row[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processRow(Number(name)))
    .filter((row) => row !== undefined);
}

/** Runs, and is no zombie. */
export function runs(pid: number): boolean {
  const state = processRow(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** A zombie that our side has to reap; PID 1 takes its time with those that it inherits. */
export function isOurZombie(row: Row): boolean {
  return row.state === 'Z' && row.parent !== 1;
}

/** Living members of a session, and zombies that are ours to reap. */
export function membersOfSession(session: number): Row[] {
  return allProcesses().filter((row) => row.session === session && (row.state !== 'Z' || isOurZombie(row)));
}

export function openFiles(pid: number | 'self' = 'self'): string[] {
  return readdirSync(`/proc/${pid}/fd`);
}

/** Long enough for a machine that is busy with other things: it only decides when to give up. */
const PATIENCE = 120_000;

/** Polls until `look` returns something true, and returns that. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(10);
  }
}

/** What a test run must not leave behind: processes, /dev/shm entries, temporary folders. */
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export interface Snapshot {
  shm: string[];
  temp: string[];
  processes: string[];
}

/** Processes that belong to the library, and zombies that are not PID 1's to reap. */
const OURS = /^(zygote|mpkeeper|Process-|PoolWorker-|Connection-|ServerWorker-)|multiprocess\/dist\/entry\//;
/** Folders of the library's, of tests, and of the Pythons that tests start. */
const TEMPORARY = /^(mp|pymp|listener)-/;
/** Ends are asynchronous: what is still there after this many ms is left behind. */
const PATIENCE = 5000;

export function snapshot(): Snapshot {
  return {
    shm: list('/dev/shm'),
    temp: list(os.tmpdir()).filter((name) => TEMPORARY.test(name)),
    processes: processes(),
  };
}

/** What is there now and was not there before; [] after a clean run. */
export async function leftovers(before: Snapshot): Promise<string[]> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const now = snapshot();
    const left = [
      ...now.shm.filter((name) => !before.shm.includes(name)).map((name) => `/dev/shm/${name}`),
      ...now.temp.filter((name) => !before.temp.includes(name)).map((name) => `${os.tmpdir()}/${name}`),
      ...now.processes.filter((line) => !before.processes.includes(line)),
    ];
    if (left.length === 0 || Date.now() > deadline) return left;
    await delay(100);
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function processes(): string[] {
  const found: string[] = [];
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const isZombie = state === 'Z' && parent !== '1';
      if (isZombie || OURS.test(command)) found.push(`process ${pid} (${isZombie ? 'zombie' : command})`);
    } catch {
      // ended while we looked
    }
  }
  return found;
}

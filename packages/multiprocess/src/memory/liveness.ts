/** Is a process still there? A pid alone may have been given to another one: its start time decides. */
import { readFileSync } from 'node:fs';

/** Start of a process in clock ticks after boot; 0 when there is no such process, or only its zombie. */
export function startTimeOf(pid: number | 'self'): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return 0;
  }
  return startTimeIn(stat);
}

/** Field 22 of /proc/PID/stat. The second field, the command's name, may itself hold blanks and parentheses. */
export function startTimeIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? 0 : Number(fields[19]);
}

/** True while the process of this pid and start time runs; a zombie does not. A start time of 0 stands for any. */
export function isProcessAlive(pid: number, startTime: number): boolean {
  const found = startTimeOf(pid);
  return found !== 0 && (startTime === 0 || found === startTime);
}

/** Memory of processes, as the kernel accounts for it. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Memory {
  /** Bytes that only this process has: what its end would give back. Pages of files are not: they stay. */
  private: number;
  /** Proportional set size: private bytes, and of each shared page the share. Sums are meaningful. */
  pss: number;
}

export function memoryOf(pid: number): Memory {
  const mappings = readFileSync(`/proc/${pid}/smaps`, 'latin1').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const sum = (bytesOf: (mapping: string) => number) =>
    mappings.reduce((total, mapping) => total + bytesOf(mapping), 0);
  const field = (mapping: string, name: string) => Number(mapping.match(`\n${name}: +(\\d+) kB`)?.[1] ?? 0) * 1024;
  return {
    // What the zygote's heaps lie in is a file, of which a page that only one child has read would count as private.
    private: sum((mapping) =>
      Math.min(field(mapping, 'Private_Clean') + field(mapping, 'Private_Dirty'), field(mapping, 'Anonymous')),
    ),
    pss: sum((mapping) => field(mapping, 'Pss')),
  };
}

/** The process that the kernel calls its parent: of a forked child, the zygote. */
export function kernelParentOf(pid: number): number {
  return Number(statFields(pid)[1]);
}

/** Living processes whose kernel parent is `pid`. */
export function kernelChildrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((candidate) => statFields(candidate)[1] === String(pid));
}

/** Waits until the processes have nothing left to do. */
export async function untilAsleep(pids: readonly number[], settleMs = 300): Promise<void> {
  const isAsleep = (pid: number) => statFields(pid)[0] === 'S';
  do {
    await new Promise((resolve) => setTimeout(resolve, settleMs));
  } while (!pids.every(isAsleep));
}

/** State, parent, ... : the fields of /proc/PID/stat behind the name; none when the process has ended. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

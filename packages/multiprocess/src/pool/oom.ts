/** Whether the kernel has killed processes of this program for want of memory: it counts them for each control group. */
import { readFileSync } from 'node:fs';

let seen = oomKills();

/** True when it has killed one since this was asked before, or since the start. */
export function hasOomKilled(): boolean {
  const now = oomKills();
  const isNew = now > seen;
  seen = now;
  return isNew;
}

/** 0 where that is not known. */
function oomKills(): number {
  const text = read('/proc/self/cgroup');
  const unified = /^0::(.*)$/m.exec(text)?.[1];
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(text)?.[1];
  // In a container the group's own root is mounted where the host's would be.
  const files = [
    `/sys/fs/cgroup${unified}/memory.events`,
    '/sys/fs/cgroup/memory.events',
    `/sys/fs/cgroup/memory${memory}/memory.oom_control`,
  ];
  for (const file of files) {
    const count = /^oom_kill (\d+)$/m.exec(read(file))?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

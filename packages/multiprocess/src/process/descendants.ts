/** The processes below a process: members of the realm by their logical parents, all others by the kernel's. */
import { readdirSync, readFileSync } from 'node:fs';
import { NO_SLOT, SlotKind, table } from '../memory/index.ts';
import { native } from '../native.ts';

interface Row {
  pid: number;
  startTime: number;
  parent: number;
}

/**
 * Signals a process, by `signalRoot`, and all its descendants: from the top down, so that nobody who waits for a child has
 * the time to end by itself when that is gone. Who they are is found out first: then they are nobody's any more.
 */
export function signalTree(pid: number, signal: number, signalRoot: () => void): void {
  const descendants = descendantsOf(pid);
  signalRoot();
  for (const { pid: descendant, startTime } of descendants) native.processSignal(descendant, startTime, signal);
}

/** Breadth first. */
export function descendantsOf(root: number): Row[] {
  const rows = allProcesses();
  const found: Row[] = [];
  const seen = new Set([root]);
  for (let parents = [root]; parents.length > 0; ) {
    const level = rows.filter((row) => parents.includes(row.parent) && !seen.has(row.pid));
    for (const row of level) seen.add(row.pid);
    found.push(...level);
    parents = level.map((row) => row.pid);
  }
  return found;
}

function allProcesses(): Row[] {
  const logical = new Map<number, number>();
  const zygotes = new Set<number>();
  for (const slot of table.usedSlots()) {
    const pid = table.pid(slot);
    if (pid <= 0) continue;
    if (table.kind(slot) === SlotKind.Zygote) zygotes.add(pid);
    else if (table.kind(slot) === SlotKind.Process && table.parent(slot) !== NO_SLOT)
      logical.set(pid, table.pid(table.parent(slot)));
  }
  const rows: Row[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const row = readRow(Number(entry));
    // The zygote serves the whole realm: it is nobody's descendant, and its children have logical parents.
    if (row && !zygotes.has(row.pid)) rows.push({ ...row, parent: logical.get(row.pid) ?? row.parent });
  }
  return rows;
}

function readRow(pid: number): Row | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), startTime: Number(fields[19]) };
  } catch {
    return undefined; // ended while we looked
  }
}

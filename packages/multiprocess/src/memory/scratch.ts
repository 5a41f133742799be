/**
 * Cells for messages: anything may be in a new one, because its pages are kept for a while when it is free (native/shm/heap.h).
 * Whoever asked for one sees to it that they are given back when messages have ceased.
 */
import { native } from '../native.ts';
import { selfSlot } from './self.ts';

/** In ms; pages are kept for up to two seconds after the last message. */
const INTERVAL = 1000;
let timer: NodeJS.Timeout | undefined;

/** A cell of at least `size` bytes to which `owner` refers first. Its offset, or 0 when the realm is full. */
export function allocateScratch(size: number, owner: number = selfSlot()): number {
  trimLater();
  return native.cellAllocateScratch(size, owner);
}

/** Gives the pages back if no message has needed a cell for a while. For threads that block: they have no timers. */
export function trimScratch(): void {
  native.cellTrim();
}

function trimLater(): void {
  if (timer) return;
  timer = setTimeout(() => {
    timer = undefined;
    if (!native.cellTrim()) trimLater();
  }, INTERVAL).unref();
}

/**
 * The realm's memory as JavaScript sees it: windows, and the way from a byte offset to a word.
 *
 * A window is an ArrayBuffer over 16 MiB of the realm, made when first needed and kept. Not larger, though ArrayBuffers
 * can be: where V8 counts a window as memory of the program, it would start garbage collections for gigabytes that it cannot free.
 */
import { MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import { HEADER } from './layout.ts';

const WINDOW_BITS = 24;
const UNIT_BITS = 16;
export const WINDOW_SIZE = 2 ** WINDOW_BITS;
const WINDOW_MASK = WINDOW_SIZE - 1;

const buffers: ArrayBuffer[] = [];
const wordWindows: Int32Array<ArrayBuffer>[] = [];
const longWindows: BigInt64Array<ArrayBuffer>[] = [];

/**
 * Creates this process's realm unless it has one; the process takes slot 0. Returns the memfd, for handing on.
 * Throws `ERR_MP_NO_MEMORY` when limits of the process forbid it.
 */
export function ensureRealm(): number {
  const fd = native.realmFd();
  return fd >= 0 ? fd : explained(() => native.realmCreate());
}

/** Joins the realm that a parent left in `fd`. Throws `ERR_MP_BAD_HANDLE` when it is none, or of another version. */
export function attachRealm(fd: number): void {
  explained(() => native.realmAttach(fd));
}

/** The memfd of the realm; -1 while this process has none. */
export function realmFd(): number {
  return native.realmFd();
}

export function hasRealm(): boolean {
  return native.realmFd() >= 0;
}

/** The random number that tells realms apart. */
export function realmId(): number {
  return Atomics.load(words(0), HEADER.realmId >> 2) >>> 0;
}

/** Words of the n-th window. */
export function words(window: number): Int32Array<ArrayBuffer> {
  const known = wordWindows[window];
  if (known) return known;
  const made = new Int32Array(buffer(window));
  wordWindows[window] = made;
  return made;
}

/**
 * Words around a byte offset: `Atomics.load(wordsAt(offset), wordIndex(offset))`. Whoever keeps both uses shared memory
 * without any call.
 */
export function wordsAt(offset: number): Int32Array<ArrayBuffer> {
  return words(Math.floor(offset / WINDOW_SIZE));
}

/** Where `offset` lies in {@link wordsAt}. The mask is right beyond 2 ** 32, too: `&` drops the higher bits. */
export function wordIndex(offset: number): number {
  return (offset & WINDOW_MASK) >>> 2;
}

/** As {@link wordsAt}, of the unit (64 KiB) of this number; begins at {@link unitIndex}. In integers, and so quicker. */
export function unitWords(unit: number): Int32Array<ArrayBuffer> {
  return words(unit >>> (WINDOW_BITS - UNIT_BITS));
}

export function unitIndex(unit: number): number {
  return (unit << (UNIT_BITS - 2)) & (WINDOW_MASK >>> 2);
}

/** 64-bit words around a byte offset; index by {@link longIndex}. */
export function longsAt(offset: number): BigInt64Array<ArrayBuffer> {
  const window = Math.floor(offset / WINDOW_SIZE);
  const known = longWindows[window];
  if (known) return known;
  const made = new BigInt64Array(buffer(window));
  longWindows[window] = made;
  return made;
}

export function longIndex(offset: number): number {
  return (offset & WINDOW_MASK) >>> 3;
}

/** Bytes of the realm, for use at once or for as long as the cell lives. */
export function bytesAt(offset: number, length: number): Uint8Array<ArrayBuffer> {
  const start = offset & WINDOW_MASK;
  if (start + length <= WINDOW_SIZE) return new Uint8Array(buffer(Math.floor(offset / WINDOW_SIZE)), start, length);
  return new Uint8Array(native.realmWindow(offset, length));
}

/** An ArrayBuffer over exactly these bytes: what users may get to see. */
export function bufferAt(offset: number, length: number): ArrayBuffer {
  return native.realmBuffer(offset, length);
}

function buffer(window: number): ArrayBuffer {
  const known = buffers[window];
  if (known) return known;
  const made = native.realmWindow(window * WINDOW_SIZE, WINDOW_SIZE);
  buffers[window] = made;
  return made;
}

function explained<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const foreign = code === 'EINVAL' || code === 'EBUSY' || code === 'EBADF';
    throw foreign
      ? new MultiprocessError('ERR_MP_BAD_HANDLE', `cannot join the realm: ${message}`, { cause })
      : new MultiprocessError('ERR_MP_NO_MEMORY', `cannot map the realm's shared memory: ${message}`, { cause });
  }
}

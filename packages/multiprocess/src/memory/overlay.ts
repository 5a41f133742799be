/**
 * Realm memory as the memory of WebAssembly, for what instructions.ts does there.
 *
 * ```
 *   WebAssembly.Memory  |   -    |  unit 2050  |  unit 2107  |  not used yet …        4 MiB, 64 pages of 64 KiB
 *                       0     64 KiB        128 KiB
 * ```
 *
 * A unit of the realm (64 KiB, native/shm/heap.h) that holds a cell asked for is mapped in place of the next page. So a
 * small memory is enough: 63 units are 80,000 locks. It has to be small, because V8 counts it as memory of the
 * program like the windows, and collects garbage when 64 MiB have come.
 *
 * What makes it safe to replace pages of V8's: a shared memory never moves, this one cannot grow, V8 touches its pages only on
 * behalf of WebAssembly code, and takes them all away at once, when the thread ends (worker threads have a memory each). A
 * fork(2) copies the mappings, which are shared ones of the realm's memfd.
 */
import { native } from '../native.ts';
import { type WasmMemory, WebAssembly } from './wasm.ts';

export const PAGES = 64;
const UNIT = 2 ** 16;

let bytes: Uint8Array<SharedArrayBuffer> | undefined;
const addresses = new Map<number, number>();

/** Zeros. Throws where WebAssembly is switched off, and where there is no address space for it: V8 reserves 10 GiB around it. */
export function createMemory(): WasmMemory {
  return new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
}

/** From now on the realm is to appear in this memory, of which this thread keeps hold. */
export function overlay(memory: WasmMemory): void {
  bytes = new Uint8Array(memory.buffer);
}

/**
 * Where a byte of the realm lies in the memory; 0: it does not, since there is none or its pages are used up. The answer stays
 * right for ever.
 */
export function addressInOverlay(offset: number): number {
  const unit = Math.floor(offset / UNIT);
  const at = addresses.get(unit) ?? map(unit);
  return at === 0 ? 0 : at + (offset % UNIT);
}

/** Page 0 stays as it is, so that no address is 0. */
function map(unit: number): number {
  const page = addresses.size + 1;
  if (bytes === undefined || page >= PAGES) return 0;
  const at = page * UNIT;
  if (!native.realmOverlay(bytes.subarray(at, at + UNIT), unit * UNIT)) return 0;
  addresses.set(unit, at);
  return at;
}

/**
 * A ShareableList in memory, as CPython lays it out (native byte order, which is little endian on all that we run on):
 *
 * ```
 *   0              int64         N
 *   8              int64[N + 1]  where each slot begins, from the start of the data; the last one is the size of the data
 *   8 * (N + 2)    data          slots, each a multiple of 8 bytes
 *   then           char[8][N]    format of each slot, as Python's struct module writes it, padded with NULs
 *   then           int8[N]       what the bytes were made from: see Code
 * ```
 *
 * | format     | bytes of the slot               | code             |
 * |------------|---------------------------------|------------------|
 * | `q`        | 8: signed integer               | Plain            |
 * | `d`        | 8: float                        | Plain            |
 * | `xxxxxxx?` | 8: the last one is the boolean  | Plain            |
 * | `xxxxxx?x` | 8: zeros                        | None             |
 * | `<n>s`     | n: text or bytes, padded with NULs | Text or Bytes |
 */
import { MultiprocessError } from '../errors.ts';

export const Code = { Plain: 0, Text: 1, Bytes: 2, None: 3 } as const;

export const FORMAT_SIZE = 8;

/** Where everything stands in a list. */
export interface ListLayout {
  length: number;
  /** Byte offsets of the slots, and of their end. */
  slots: readonly number[];
  formats: number;
  codes: number;
  /** Of the whole list, in bytes. */
  size: number;
}

/** The layout of a list with slots of these sizes. */
export function layoutOf(slotSizes: readonly number[]): ListLayout {
  const slots = [8 * (slotSizes.length + 2)];
  for (const size of slotSizes) slots.push(slots.at(-1)! + size);
  return withSlots(slots);
}

/** The layout of the list in a segment. Throws `ERR_MP_BAD_HANDLE` where none can be there. */
export function readLayout(view: DataView, name: string): ListLayout {
  const read = (at: number) => (at + 8 <= view.byteLength ? Number(view.getBigInt64(at, true)) : Number.NaN);
  const length = read(0);
  if (!(length >= 0 && 8 * (length + 2) <= view.byteLength)) throw noList(name);
  const slots: number[] = [];
  for (let i = 0; i <= length; i++) slots.push(8 * (length + 2) + read(8 + 8 * i));
  const layout = withSlots(slots);
  const isOrdered = slots.every((slot, i) => i === 0 || slot - slots[i - 1]! >= 8);
  if (slots[0] !== 8 * (length + 2) || !isOrdered || layout.size > view.byteLength) throw noList(name);
  return layout;
}

export function writeLayout(view: DataView, { length, slots }: ListLayout): void {
  view.setBigInt64(0, BigInt(length), true);
  for (const [i, slot] of slots.entries()) view.setBigInt64(8 + 8 * i, BigInt(slot - slots[0]!), true);
}

function withSlots(slots: readonly number[]): ListLayout {
  const length = slots.length - 1;
  const formats = slots[length]!;
  const codes = formats + FORMAT_SIZE * length;
  return { length, slots, formats, codes, size: codes + length };
}

function noList(name: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_BAD_HANDLE', `segment '${name}' does not hold a ShareableList`);
}

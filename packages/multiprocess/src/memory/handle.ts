/**
 * Handles: names of cells that mean the same in every member of a realm.
 *
 * ```
 *   0  u32  realm        random number of the realm
 *   4  u32  generation   of the cell: it moves on when the cell is freed
 *   8  u48  offset
 *  14  u16  kind         what the cell was allocated as
 * ```
 */
import { MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import { realmId } from './realm.ts';

export const HANDLE_SIZE = 16;

export interface Handle {
  readonly realm: number;
  readonly generation: number;
  readonly offset: number;
  readonly kind: number;
}

/** The handle of the live cell at `offset`. Throws `ERR_MP_BAD_HANDLE` when there is none. */
export function handleOf(offset: number): Handle {
  const cell = native.cellInfo(offset);
  if (!cell) throw new MultiprocessError('ERR_MP_BAD_HANDLE', `no cell at ${hex(offset)}: it has been freed`);
  return { realm: realmId(), generation: cell.generation, offset, kind: cell.kind };
}

/** Writes a handle in 16 bytes. */
export function packHandle(handle: Handle, into: Uint8Array, at = 0): void {
  const view = new DataView(into.buffer, into.byteOffset + at, HANDLE_SIZE);
  view.setUint32(0, handle.realm, true);
  view.setUint32(4, handle.generation, true);
  view.setUint32(8, handle.offset % 2 ** 32, true);
  view.setUint16(12, Math.floor(handle.offset / 2 ** 32), true);
  view.setUint16(14, handle.kind, true);
}

/** Reads a handle; whether it still means something is for {@link retain} to say. */
export function unpackHandle(from: Uint8Array, at = 0): Handle {
  const view = new DataView(from.buffer, from.byteOffset + at, HANDLE_SIZE);
  return {
    realm: view.getUint32(0, true),
    generation: view.getUint32(4, true),
    offset: view.getUint32(8, true) + view.getUint16(12, true) * 2 ** 32,
    kind: view.getUint16(14, true),
  };
}

/**
 * Makes `slot` refer to the cell of a handle: from now on it cannot go away. Returns the reference, to be given to
 * `native.cellRelease`. Throws `ERR_MP_BAD_HANDLE` when the handle is stale, of another realm or not of `kind`, and
 * `ERR_MP_NO_MEMORY` when there is no room for more references.
 */
export function retain(handle: Handle, kind: number, slot: number): number {
  const { offset, generation } = handle;
  checkHandle(handle, kind);
  const reference = native.cellRetain(offset, generation, slot);
  if (reference === 0) throw refused(handle);
  const found = native.cellInfo(offset);
  if (found?.kind === kind) return reference;
  native.cellRelease(reference, offset);
  throw bad(handle, `its cell is of kind ${found?.kind}, not ${kind}`);
}

function refused(handle: Handle): MultiprocessError {
  const found = native.cellInfo(handle.offset);
  if (found?.generation !== handle.generation) return bad(handle, 'it is stale: the object has been freed');
  return new MultiprocessError(
    'ERR_MP_NO_MEMORY',
    `no room for another reference to a shared object, to which there are ${found.references} in messages and processes`,
  );
}

/** Throws `ERR_MP_BAD_HANDLE` when a handle is of another realm or not of `kind`. */
export function checkHandle(handle: Handle, kind: number): void {
  if (handle.realm !== realmId()) throw bad(handle, 'it comes from another realm');
  if (handle.kind !== kind) throw bad(handle, `it is of kind ${handle.kind}, not ${kind}`);
}

function bad({ offset, generation }: Handle, why: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_BAD_HANDLE', `handle to ${hex(offset)}, generation ${generation}: ${why}`);
}

function hex(offset: number): string {
  return `0x${offset.toString(16)}`;
}

/**
 * Cells in messages: a handle, and a reference that is the receiver's from the moment of sending, so that the cell cannot
 * go away on the way, whatever becomes of the sender.
 */
import { HANDLE_SIZE, packHandle, retain, unpackHandle } from './handle.ts';
import { selfSlot } from './self.ts';
import { SharedCell } from './shared-cell.ts';

/** Handle, receiver's slot (-1: not known), reference made for it (0: none). */
export type PackedCell = [handle: Uint8Array, receiver: number, reference: number];

let receiver = -1;

/** While `body` packs a message, its receiver is known to be `slot`. */
export function sendingTo<T>(slot: number, body: () => T): T {
  const before = receiver;
  receiver = slot;
  try {
    return body();
  } finally {
    receiver = before;
  }
}

/** The slot of the process that will read the message being packed; -1: not known. */
export const receiverOfMessage = (): number => receiver;

/** Where the receiver is not known, the sender must see to it that the cell lives until the message is read. */
export function packCell(cell: SharedCell): PackedCell {
  const { handle } = cell;
  const bytes = new Uint8Array(HANDLE_SIZE);
  packHandle(handle, bytes);
  return [bytes, receiver, receiver < 0 ? 0 : retain(handle, handle.kind, receiver)];
}

/** To be done once per message by its receiver. Throws `ERR_MP_BAD_HANDLE` for a stale or foreign handle. */
export function unpackCell([bytes, slot, reference]: PackedCell, kind: number): SharedCell {
  const handle = unpackHandle(bytes);
  return reference !== 0 && slot === selfSlot()
    ? SharedCell.adopt(handle, reference, kind)
    : SharedCell.open(handle, kind);
}

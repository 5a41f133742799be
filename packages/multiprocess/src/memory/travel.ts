/**
 * Cells in messages: a handle, and a reference that is the receiver's from the moment of sending, so that the cell cannot
 * go away on the way, whatever becomes of the sender.
 */
import { HANDLE_SIZE, packHandle, retain, unpackHandle } from './handle.ts';
import { SLOT_COUNT } from './layout.ts';
import { selfSlot } from './self.ts';
import { SharedCell } from './shared-cell.ts';

/** Handle, receiver's slot (-1: not known), reference made for it (0: none). */
export type PackedCell = [handle: Uint8Array, receiver: number, reference: number];

/** A reference that was made for the receiver, and the offset of its cell. */
export type SentReference = [reference: number, offset: number];

let receiver = -1;
let sent: SentReference[] | undefined;

/**
 * While `body` packs a message, its receiver is known to be `slot`; or a queue, by its number as an owner of cells, which
 * gets to know the references made for it by `references`, because it is not the one who unpacks them.
 */
export function sendingTo<T>(slot: number, body: () => T, references?: SentReference[]): T {
  const before = [receiver, sent] as const;
  receiver = slot;
  sent = references;
  try {
    return body();
  } finally {
    [receiver, sent] = before;
  }
}

/** The slot of the process that will read the message being packed; -1: not known, as for what is put into a queue. */
export const receiverOfMessage = (): number => (receiver < SLOT_COUNT ? receiver : -1);

/** Where the receiver is not known, the sender must see to it that the cell lives until the message is read. */
export function packCell(cell: SharedCell): PackedCell {
  const { handle } = cell;
  const bytes = new Uint8Array(HANDLE_SIZE);
  packHandle(handle, bytes);
  const reference = receiver < 0 ? 0 : retain(handle, handle.kind, receiver);
  sent?.push([reference, handle.offset]);
  return [bytes, receiver, reference];
}

/** To be done once per message by its receiver. Throws `ERR_MP_BAD_HANDLE` for a stale or foreign handle. */
export function unpackCell([bytes, slot, reference]: PackedCell, kind: number): SharedCell {
  const handle = unpackHandle(bytes);
  return reference !== 0 && slot === selfSlot()
    ? SharedCell.adopt(handle, reference, kind)
    : SharedCell.open(handle, kind);
}

/** Descriptors on their way from one process of the realm to another: see native/descriptor/descriptor.h. */
import { MultiprocessError } from '../errors.ts';
import { NO_SLOT, receiverOfMessage, selfSlot, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { ensureKeeper } from '../shared/internal.ts';

/** Names a descriptor in flight; good once. */
export type Ticket = Uint8Array;

/**
 * Leaves a copy of the descriptor with the broker, for the receiver of the message being packed. Once that has ended without
 * taking it, it is closed. Throws `ERR_MP_UNSUPPORTED` where there can be no broker, or it has no room.
 */
export function keep(fd: number): Ticket {
  selfSlot(); // makes the realm, the first time
  const slot = receiverOfMessage();
  const receiver = slot < 0 ? NO_SLOT : slot;
  const generation = slot < 0 ? 0 : table.generation(slot);
  try {
    return native.descriptorKeep(fd, receiver, generation);
  } catch (error) {
    if (!isRefused(error)) throw cannotKeep(error);
  }
  ensureKeeper();
  try {
    return native.descriptorKeep(fd, receiver, generation);
  } catch (error) {
    throw cannotKeep(error);
  }
}

/** The descriptor of a ticket. Throws `ERR_MP_BAD_HANDLE` when it has been taken, or its broker is dead. */
export function take(ticket: Ticket, what: string): number {
  try {
    return native.descriptorTake(ticket);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'a message with a descriptor can be read once, and this one has been read, or came too late'
        : isRefused(cause)
          ? 'the process that kept it on the way (mpkeeper) has been killed, and the connection with it'
          : message;
    throw new MultiprocessError('ERR_MP_BAD_HANDLE', `cannot receive this ${what}: ${why}`, { cause });
  }
}

/** Takes a message back that will not be sent. */
export function drop(ticket: Ticket): void {
  try {
    native.descriptorDrop(ticket);
  } catch {
    // its broker is dead, and has taken it along
  }
}

const isRefused = (error: unknown): boolean =>
  ['ECONNREFUSED', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '');

function cannotKeep(cause: unknown): MultiprocessError {
  const why = (cause as Error).message;
  return new MultiprocessError('ERR_MP_UNSUPPORTED', `cannot send an open socket: ${why} (mpkeeper)`, { cause });
}

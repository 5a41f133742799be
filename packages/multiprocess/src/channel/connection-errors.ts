/** The errors that every kind of connection has in common; their texts are CPython's. */
import { MultiprocessError } from '../errors.ts';

/** A message that does not fit into the buffer it was to be received into. CPython: `BufferTooShort`. */
export class BufferTooShortError extends MultiprocessError {
  /** The whole message: it has been received. */
  readonly received: Uint8Array;

  constructor(received: Uint8Array, room: number) {
    super('ERR_MP_MESSAGE_TOO_LONG', `buffer too short: a message of ${received.length} bytes, and room for ${room}`);
    this.received = received;
  }

  static {
    BufferTooShortError.prototype.name = 'BufferTooShortError';
  }
}

export const handleClosed = () => new MultiprocessError('ERR_MP_CLOSED', 'handle is closed');

/** Nothing more will come. */
export const endReached = () =>
  new MultiprocessError('ERR_MP_EOF', 'the other end was closed, and everything it sent has been received');

/** What was to be sent has not arrived, or half a message has come; `cause` is the system's error, if there is one. */
export const peerGone = (message = 'the other end was closed', cause?: unknown) =>
  new MultiprocessError('ERR_MP_PEER_GONE', message, cause === undefined ? undefined : { cause });

/** A message longer than the limit that `allowed` names. */
export const tooLong = (length: number | bigint, allowed: string) =>
  new MultiprocessError('ERR_MP_MESSAGE_TOO_LONG', `bad message length: ${length} bytes, and ${allowed}`);

export const timedOut = (what: string) => new MultiprocessError('ERR_MP_TIMEOUT', `timed out while ${what}`);

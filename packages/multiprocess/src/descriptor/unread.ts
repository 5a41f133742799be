/** Bytes that have left the kernel and that nobody has read yet: they travel in the message, in front of what follows. */
import type net from 'node:net';
import type { StringDecoder } from 'node:string_decoder';
import { handleOf } from './handle.ts';

interface ReadableState {
  decoder: (StringDecoder & { lastNeed: number; lastTotal: number; lastChar: Buffer }) | null;
}

export interface Unread {
  bytes: Uint8Array | undefined;
  /** Gives them back, as if nothing had happened. */
  restore(): void;
}

/** Takes what is in the socket's buffer, and stops it from reading more. */
export function takeUnread(socket: net.Socket): Unread {
  const handle = handleOf(socket)!;
  const wasFlowing = socket.readableFlowing;
  const wasReading = handle.reading === true;
  socket.pause();
  handle.readStop();
  handle.reading = false;
  // Where there is nothing to read, `read()` would have the stream ask the kernel for more.
  const rest: Buffer | string | null = socket.readableLength > 0 ? socket.read() : null;
  const bytes = bytesOf(socket, rest);
  return {
    bytes,
    restore() {
      if (rest !== null) socket.unshift(rest as Buffer, socket.readableEncoding ?? undefined);
      // Not by read(0): the stream believes that it is being read still.
      if (wasReading) {
        handle.reading = true;
        handle.readStart();
      }
      if (wasFlowing) socket.resume();
    },
  };
}

function bytesOf(socket: net.Socket, rest: Buffer | string | null): Uint8Array | undefined {
  const parts = rest === null ? [] : [typeof rest === 'string' ? Buffer.from(rest, socket.readableEncoding!) : rest];
  // The first bytes of a character that is not complete.
  const { decoder } = (socket as unknown as { _readableState: ReadableState })._readableState;
  if (decoder && decoder.lastNeed > 0) parts.push(decoder.lastChar.subarray(0, decoder.lastTotal - decoder.lastNeed));
  return parts.length === 0 ? undefined : new Uint8Array(Buffer.concat(parts));
}

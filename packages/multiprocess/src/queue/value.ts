/** From messages to values and back. */
import { MultiprocessError } from '../errors.ts';
import { decodeFrom, decodeOwned, loadsOwned, tryLoadsSync } from '../transport/index.ts';
import { dropReferences, type Incoming, ownBytes, received } from './message.ts';

/** What a message holds. A promise when a module that it needs must be imported first. */
export function open<T>(message: Incoming): T | Promise<T> {
  const plain = openPlain(message);
  if (plain) return plain.value;
  return rebuild(ownBytes(message), dropper(message));
}

/** What bytes hold that nobody else uses; `drop` is called when they are not needed any more. */
export function rebuild<T>(bytes: Uint8Array, drop: () => void): T | Promise<T> {
  try {
    const loaded = tryLoadsSync(bytes, true);
    if (!loaded) return (loadsOwned(bytes) as Promise<T>).finally(drop);
    drop();
    return loaded.value;
  } catch (error) {
    drop();
    throw error;
  }
}

/** The same without waiting. Throws `ERR_MP_UNSUPPORTED` where `open` has to wait; the error's `message` has the bytes. */
export function openSync<T>(message: Incoming): T {
  const plain = openPlain(message);
  if (plain) return plain.value;
  const bytes = ownBytes(message);
  try {
    const loaded = tryLoadsSync(bytes, true);
    if (loaded) return loaded.value;
  } finally {
    dropper(message)();
  }
  throw Object.assign(
    new MultiprocessError(
      'ERR_MP_UNSUPPORTED',
      'a module of this message can only be imported asynchronously: use get(), or `await loads(error.received)`',
    ),
    { received: bytes },
  );
}

function openPlain({ bytes, size }: Incoming): { value: any } | undefined {
  return bytes === received.bytes ? decodeFrom(bytes, 0, size) : decodeOwned(bytes);
}

/** Items that may be delivered again keep their references until they are done. */
const dropper = (message: Incoming) => () => {
  if (message.delivery === 0) dropReferences(message.references);
};

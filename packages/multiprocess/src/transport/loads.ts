import { MultiprocessError } from '../errors.ts';
import { Decoder } from './decode/decoder.ts';
import { loadModule, tryLoadModule } from './decode/modules.ts';
import { addTemplates } from './decode/templates.ts';
import { decodeCompact } from './wire/compact/reader.ts';
import { type Message, TAG } from './wire/format.ts';
import { readStructured } from './wire/structured.ts';

/** The inverse of `dumps`: imports the modules that the message needs, and rebuilds the value. Once per message. */
export function loads(bytes: Uint8Array): Promise<unknown> {
  return load(bytes, false);
}

/** The same of bytes that nobody else uses: a typed array that makes up most of them may be a view of them. */
export function loadsOwned(bytes: Uint8Array): Promise<unknown> {
  return load(bytes, true);
}

async function load(bytes: Uint8Array, isOwned: boolean): Promise<unknown> {
  const read = readPlain(bytes, isOwned);
  if (read) return read.value;
  const message = readMessage(bytes, isOwned);
  return rebuild(message, await Promise.all(message[2].map(loadModule)));
}

/**
 * The same without waiting; undefined when a module must be imported asynchronously (`loads` then does it). `isOwned`: see
 * `loadsOwned`.
 */
export function tryLoadsSync(bytes: Uint8Array, isOwned = false): { value: any } | undefined {
  const read = readPlain(bytes, isOwned);
  if (read) return read;
  const message = readMessage(bytes, isOwned);
  const modules: unknown[] = [];
  for (const source of message[2]) {
    const loaded = tryLoadModule(source);
    if (!loaded) return undefined;
    modules.push(loaded.value);
  }
  return { value: rebuild(message, modules) };
}

/** The same; throws `ERR_MP_UNSUPPORTED` when a module must be imported asynchronously. */
export function loadsSync(bytes: Uint8Array, isOwned = false): any {
  const result = tryLoadsSync(bytes, isOwned);
  if (!result)
    throw new MultiprocessError('ERR_MP_UNSUPPORTED', 'a module of this message can only be imported asynchronously');
  return result.value;
}

function readPlain(bytes: Uint8Array, isOwned: boolean): { value: any } | undefined {
  const tag = bytes[0]!;
  if ((tag & ~TAG.shared) === TAG.compact) return { value: decodeCompact(bytes, 0, bytes.length, isOwned) };
  return tag === TAG.v8 ? { value: readStructured(bytes) } : undefined;
}

function readMessage(bytes: Uint8Array, isOwned: boolean): Message {
  const isCompact = (bytes[0]! & ~TAG.shared) === TAG.compactGraph;
  if (!isCompact && bytes[0] !== TAG.graph)
    throw new MultiprocessError('ERR_MP_INVALID_ARG', `not a message of dumps(): it begins with byte ${bytes[0]}`);
  const message = (
    isCompact ? decodeCompact(bytes, 0, bytes.length, isOwned) : readStructured(bytes.subarray(1))
  ) as Message;
  addTemplates(message[3]);
  return message;
}

function rebuild(message: Message, modules: unknown[]): unknown {
  return new Decoder(message, modules).decode(message[0]);
}

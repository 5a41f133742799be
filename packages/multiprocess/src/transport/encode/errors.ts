import { types } from 'node:util';
import { describe } from '../../errors.ts';
import { summarize } from '../errorSummary.ts';
import { NODE, type PrototypeSlot, type Slot } from '../wire/format.ts';
import { Encoder } from './encoder.ts';
import { encodePrototype, encodePrototypeObject, isInternalClass, knownPrototype } from './instances.ts';

/**
 * An error always travels. A property that cannot be sent is left out; an error whose class cannot be sent arrives as a
 * RemoteError with its name, message and stack.
 */
export function encodeError(encoder: Encoder, error: Error): Slot {
  const { name, message, stack } = summarize(error);
  const from = sendablePrototype(encoder, error);
  if (!from) return encoder.add([NODE.lostError, name, message, stack], error);
  const keys: Slot[] = [];
  const values: Slot[] = [];
  const hidden: number[] = [];
  const node: [typeof NODE.error, PrototypeSlot, string, any] = [NODE.error, undefined, stack, [keys, values, hidden]];
  const slot = encoder.add(node, error);
  node[1] = knownPrototype(encoder, from) ?? encodePrototypeObject(encoder, from);
  for (const key of Reflect.ownKeys(error)) {
    const read = key === 'stack' ? undefined : readSendable(encoder, error, key);
    if (!read) continue;
    if (!read.enumerable) hidden.push(keys.length);
    keys.push(encoder.slot(key));
    values.push(encoder.member(`.${String(key)}`, read.value));
  }
  return slot;
}

// The nearest prototype that can be sent: Node's own error classes are internal, but extend public ones.
function sendablePrototype(encoder: Encoder, error: Error): object | undefined {
  for (let p: object | null = Object.getPrototypeOf(error); p; p = Object.getPrototypeOf(p)) {
    const prototype = p;
    if (succeeds(encoder, (trial) => knownPrototype(trial, prototype) ?? fail())) return prototype;
    const isOwn = prototype === Object.getPrototypeOf(error);
    if (succeeds(encoder, (trial) => (isOwn ? encodePrototype(trial, error) : encodePrototypeObject(trial, prototype))))
      return prototype;
    if (!isInternalClass(prototype)) return undefined;
  }
  return undefined;
}

function readSendable(
  encoder: Encoder,
  error: Error,
  key: PropertyKey,
): { value: unknown; enumerable: boolean } | undefined {
  try {
    const { enumerable = false } = Object.getOwnPropertyDescriptor(error, key) ?? {};
    const value = (error as never)[key];
    // The errors of an AggregateError, one by one.
    if (key === 'errors' && Array.isArray(value))
      return { value: Array.from(value, (item) => (isSendable(encoder, item) ? item : describe(item))), enumerable };
    return isSendable(encoder, value) ? { value, enumerable } : undefined;
  } catch {
    return undefined;
  }
}

function isSendable(encoder: Encoder, value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || types.isNativeError(value))
    return true;
  const known = encoder.sendable.get(value);
  if (known !== undefined) return known;
  // Errors inside the value may lead back to it: then it depends on the rest of it.
  encoder.sendable.set(value, true);
  const sendable = succeeds(encoder, (trial) => trial.slot(value));
  encoder.sendable.set(value, sendable);
  return sendable;
}

// A failed encoder is of no more use, so what may fail is tried with another one first.
function succeeds(encoder: Encoder, body: (trial: Encoder) => unknown): boolean {
  try {
    body(new Encoder(undefined, true, encoder.sendable));
    return true;
  } catch {
    return false;
  }
}

function fail(): never {
  throw new Error('not a builtin');
}

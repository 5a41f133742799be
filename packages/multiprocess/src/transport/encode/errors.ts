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
  const from = sendablePrototype(error);
  if (!from) return encoder.add([NODE.lostError, name, message, stack], error);
  const keys: Slot[] = [];
  const values: Slot[] = [];
  const hidden: number[] = [];
  const node: [typeof NODE.error, PrototypeSlot, string, any] = [NODE.error, undefined, stack, [keys, values, hidden]];
  const slot = encoder.add(node, error);
  node[1] = knownPrototype(encoder, from) ?? encodePrototypeObject(encoder, from);
  for (const key of Reflect.ownKeys(error)) {
    const read = key === 'stack' ? undefined : readSendable(error, key);
    if (!read) continue;
    if (!read.enumerable) hidden.push(keys.length);
    keys.push(encoder.slot(key));
    values.push(encoder.member(`.${String(key)}`, read.value));
  }
  return slot;
}

// The nearest prototype that can be sent: Node's own error classes are internal, but extend public ones.
function sendablePrototype(error: Error): object | undefined {
  for (let p: object | null = Object.getPrototypeOf(error); p; p = Object.getPrototypeOf(p)) {
    const prototype = p;
    if (succeeds((trial) => knownPrototype(trial, prototype) ?? fail())) return prototype;
    const isOwn = prototype === Object.getPrototypeOf(error);
    if (succeeds((trial) => (isOwn ? encodePrototype(trial, error) : encodePrototypeObject(trial, prototype))))
      return prototype;
    if (!isInternalClass(prototype)) return undefined;
  }
  return undefined;
}

function readSendable(error: Error, key: PropertyKey): { value: unknown; enumerable: boolean } | undefined {
  try {
    const { enumerable = false } = Object.getOwnPropertyDescriptor(error, key) ?? {};
    const value = (error as never)[key];
    // The errors of an AggregateError, one by one.
    if (key === 'errors' && Array.isArray(value))
      return { value: Array.from(value, (item) => (isSendable(item) ? item : describe(item))), enumerable };
    return isSendable(value) ? { value, enumerable } : undefined;
  } catch {
    return undefined;
  }
}

function isSendable(value: unknown): boolean {
  return types.isNativeError(value) || succeeds((trial) => trial.slot(value));
}

// A failed encoder is of no more use, so what may fail is tried with another one first.
function succeeds(body: (trial: Encoder) => unknown): boolean {
  try {
    body(new Encoder());
    return true;
  } catch {
    return false;
  }
}

function fail(): never {
  throw new Error('not a builtin');
}

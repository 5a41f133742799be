import { types } from 'node:util';
import { loads, tryLoadsSync } from './loads.ts';
import { RemoteError } from './remoteError.ts';
import { joinStacks } from './stacks.ts';
import { type ErrorEnvelope, type ErrorSummary, TAG } from './wire/format.ts';
import { readStructured } from './wire/structured.ts';

export interface LoadsErrorOptions {
  /** Stack of the place that waits for the error, such as `new Error().stack` of the call; put under the remote one. */
  localStack?: string | undefined;
}

/**
 * The inverse of `dumpsError`: what was thrown, with both stacks when it is an error. Never throws and never rejects:
 * what cannot be rebuilt here arrives as a `RemoteError`.
 */
export async function loadsError(bytes: Uint8Array, { localStack }: LoadsErrorOptions = {}): Promise<unknown> {
  localStack ??= stackAbove(loadsError);
  const envelope = readEnvelope(bytes);
  const [summary, value] = envelope;
  try {
    if (value) return withStacks(await loads(value), summary, localStack);
    return withStacks(lost(summary), summary, localStack);
  } catch (cause) {
    return withStacks(lost(summary, cause), summary, localStack);
  }
}

/** The same without waiting; undefined when a module must be imported asynchronously. */
export function tryLoadsErrorSync(
  bytes: Uint8Array,
  { localStack }: LoadsErrorOptions = {},
): { value: unknown } | undefined {
  localStack ??= stackAbove(tryLoadsErrorSync);
  const [summary, value] = readEnvelope(bytes);
  try {
    const result = value ? tryLoadsSync(value) : { value: lost(summary) };
    return result && { value: withStacks(result.value, summary, localStack) };
  } catch (cause) {
    return { value: withStacks(lost(summary, cause), summary, localStack) };
  }
}

function readEnvelope(bytes: Uint8Array): ErrorEnvelope {
  try {
    if (bytes[0] === TAG.error) return readStructured(bytes.subarray(1)) as ErrorEnvelope;
  } catch {
    // damaged
  }
  const message = 'the error of another process could not be read';
  return [{ name: 'Error', message, stack: `Error: ${message}`, pid: process.pid }, undefined];
}

// `cause`: why it could not be rebuilt.
function lost({ name, message, stack }: ErrorSummary, cause?: unknown): RemoteError {
  const error = new RemoteError(name, message, stack);
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
  return error;
}

function withStacks(value: unknown, summary: ErrorSummary, localStack: string | undefined): unknown {
  if (!types.isNativeError(value) && !(value instanceof DOMException)) return value;
  try {
    const stack = joinStacks(summary.stack, summary.pid, localStack);
    Object.defineProperty(value, 'stack', { value: stack, writable: true, configurable: true });
  } catch {
    // A frozen error keeps the stack it came with.
  }
  return value;
}

function stackAbove(fn: Function): string | undefined {
  const at: { stack?: string } = {};
  Error.captureStackTrace(at, fn);
  return at.stack;
}

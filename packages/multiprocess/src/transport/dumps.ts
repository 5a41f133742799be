import { delivering } from './delivery.ts';
import { Encoder } from './encode/encoder.ts';
import type { KnownTemplates } from './encode/templates.ts';
import { Trail } from './encode/trail.ts';
import { summarize } from './errorSummary.ts';
import { sharingDebugger } from './inspect/session.ts';
import { encodeGraph, encodePlain } from './wire/compact/encode.ts';
import { endJoined, endPieces } from './wire/compact/memory.ts';
import { type ErrorEnvelope, TAG } from './wire/format.ts';
import { isPlain } from './wire/plain.ts';
import { writeStructured } from './wire/structured.ts';

export interface DumpsOptions {
  /** What the value is called in error messages. @default 'value' */
  root?: string;
  /** What the receiver has been sent before: the source of a function then goes to it only once. @internal */
  known?: KnownTemplates;
  /** Refuse what would leave this process with the message, such as a socket: it is sent more than once. @internal */
  keepsAll?: boolean;
}

/**
 * Turns a value, functions and classes included, into bytes that `loads` of any process of the realm understands.
 * Synchronous: later changes of the value do not leak in. For what this library does not send by itself, such as the
 * `workerData` of a worker thread. Shared objects in it must live here until they have arrived: keep `value` until then.
 *
 * @example
 * new Worker(file, { workerData: dumps(lock) }); // there: const lock = await loads(workerData)
 *
 * A socket or a listening server in it leaves this process, and arrives once.
 *
 * @throws `ERR_MP_CAPTURE`, with the path to what cannot be sent.
 */
export function dumps(value: unknown, options: DumpsOptions = {}): Uint8Array {
  return encodePlain(value, endJoined) ?? dumpsPlain(value) ?? delivering(() => dumpsGraph(value, options));
}

/** The same in pieces, which may lie in working memory or in `value`: to be written before anything else is encoded. */
export function dumpsPieces(value: unknown, options: DumpsOptions = {}): Uint8Array[] {
  return encodePlain(value, endPieces) ?? [dumpsPlain(value) ?? delivering(() => dumpsGraph(value, options))];
}

/** The same for anything thrown. Never throws: what cannot be sent as it is arrives as a `RemoteError`. */
export function dumpsError(thrown: unknown, options: DumpsOptions = {}): Uint8Array {
  const summary = summarize(thrown);
  let value: Uint8Array | undefined;
  try {
    value = dumps(thrown, { ...options, keepsAll: true });
  } catch {
    value = undefined;
  }
  const envelope: ErrorEnvelope = [summary, value];
  return writeStructured(envelope, TAG.error);
}

// What is plain, but more than the compact format has.
function dumpsPlain(value: unknown): Uint8Array | undefined {
  try {
    return isPlain(value) ? writeStructured(value) : undefined;
  } catch {
    return undefined; // a getter that throws, or something that only looks plain: the graph will say what it is
  }
}

function dumpsGraph(value: unknown, { root = 'value', known, keepsAll }: DumpsOptions): Uint8Array {
  const trail = new Trail(root);
  const encoder = new Encoder(trail, keepsAll);
  const message = sharingDebugger(() => encoder.finish(encoder.slot(value), known));
  try {
    const bytes = encodeGraph(message, endJoined) ?? writeStructured(message, TAG.graph);
    known?.add(encoder.templates);
    return bytes;
  } catch (error) {
    return new Trail(root).refuse({
      why: `V8 cannot copy something in it: ${(error as Error).message.split('\n')[0]}`,
    });
  }
}

/**
 * CPython's protocol between managers and clients (Lib/multiprocessing/managers.py), as far as plain data goes. Every message is a pickle.
 *
 *     one request per connection:     (None, function, args, kwargs)   → (kind, value), and the manager hangs up
 *         functions: create, incref, decref, get_methods, number_of_objects, debug_info, dummy, shutdown
 *     a connection for calls:         (None, 'accept_connection', (client,), {})   → ('#RETURN', None)
 *         then any number of          (object, method, args, kwargs)               → (kind, value)
 *
 *     kind              value
 *     #RETURN           what the method has returned
 *     #ERROR            the exception that it has raised
 *     #PROXY            (methods, Token(type, address, object)): the result stays in the manager
 *     #TRACEBACK        text: the request itself made no sense
 *     #UNSERIALIZABLE   text: the result cannot be pickled
 */
import { type Make, type PythonClass, type Tuple, tuple } from '../connection/index.ts';
import { PythonCall } from '../connection/internal.ts';
import { type ErrorCode, MultiprocessError } from '../errors.ts';
import { RemoteError } from '../transport/index.ts';

export type Kind = '#RETURN' | '#ERROR' | '#PROXY' | '#TRACEBACK' | '#UNSERIALIZABLE';

export interface PythonRequest {
  object: string | null;
  method: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
}

export interface Token {
  typeid: string;
  ident: string;
}

/** A part of a list. */
export class Slice {
  readonly from: number | null;
  readonly to: number | null;

  constructor(from: number | null, to: number | null, step: number | null) {
    if (step !== null && step !== 1) throw new PythonError('ValueError', 'only slices with a step of 1');
    this.from = from;
    this.to = to;
  }
}

/** What a method throws for Python: an exception of its builtins, or of `module`. */
export class PythonError extends Error {
  readonly type: string;
  readonly args: readonly unknown[];
  readonly module: string;

  constructor(type: string, arg?: unknown, module = 'builtins') {
    super(String(arg ?? type));
    this.type = type;
    this.args = arg === undefined ? [] : [arg];
    this.module = module;
  }
}

const EXCEPTION = /(Error|Exception|Warning|Iteration|Interrupt|Exit|Empty|Full|ShutDown)$/;

/** Allows what requests and answers consist of beside plain data. An exception becomes an error that says what it was: nothing is called. */
class Globals extends Map<string, Make | PythonClass> {
  override get(name: string): Make | PythonClass | undefined {
    const known = super.get(name);
    if (known || !EXCEPTION.test(name)) return known;
    return { make: (...args) => toError(name, args), setState() {} };
  }
}

export const pythonGlobals = new Globals([
  [
    'multiprocessing.managers.Token',
    {
      make: (): Token => ({ typeid: '', ident: '' }),
      setState(token: Token, [typeid, , ident]: [string, unknown, string]) {
        Object.assign(token, { typeid, ident });
      },
    },
  ],
  ['builtins.slice', (from, to, step) => new Slice(from, to, step)],
]);

export const request = (object: string | null, method: string, args: readonly unknown[]): Tuple =>
  tuple(object, method, tuple(...args), {});

export const reply = (kind: Kind, value: unknown): Tuple => tuple(kind, value);

export function tokenFor(typeid: string, address: unknown, ident: string): PythonCall {
  return new PythonCall('multiprocessing.managers', 'Token', [
    typeid,
    Array.isArray(address) ? tuple(...address) : address,
    ident,
  ]);
}

/** Throws for what is no request. */
export function readRequest(message: unknown): PythonRequest {
  const [object, method, args, kwargs] = message as unknown[];
  const isRequest = typeof method === 'string' && Array.isArray(args) && typeof kwargs === 'object' && kwargs !== null;
  if (!isRequest) throw new TypeError('not a request');
  return { object: object as string | null, method, args, kwargs: kwargs as Record<string, unknown> };
}

/** Errors of the library by Python's names, and the other way round. */
const CODES: [code: ErrorCode, module: string, type: string][] = [
  ['ERR_MP_QUEUE_EMPTY', '_queue', 'Empty'],
  ['ERR_MP_QUEUE_EMPTY', 'queue', 'Empty'],
  ['ERR_MP_QUEUE_FULL', 'queue', 'Full'],
  ['ERR_MP_BROKEN_BARRIER', 'threading', 'BrokenBarrierError'],
];
const BUILTIN_CODES: Partial<Record<ErrorCode, string>> = {
  ERR_MP_INVALID_ARG: 'ValueError',
  ERR_MP_RELEASED_TOO_OFTEN: 'ValueError',
  ERR_MP_NOT_OWNER: 'AssertionError',
  ERR_MP_BAD_HANDLE: 'KeyError',
};
const CLASSES: Record<string, string> = { TypeError: 'TypeError', RangeError: 'ValueError', PythonError: 'Exception' };

/** An error as Python's exception. */
export function toException(error: any): PythonCall {
  if (error instanceof PythonError) return new PythonCall(error.module, error.type, error.args);
  const message = String(error?.message ?? error);
  const found = CODES.find(([code]) => code === error?.code);
  if (found) return new PythonCall(found[1], found[2], []);
  const type = BUILTIN_CODES[error?.code as ErrorCode] ?? CLASSES[error?.name];
  return type
    ? new PythonCall('builtins', type, [message])
    : new PythonCall('builtins', 'RuntimeError', [`${error?.name ?? 'Error'}: ${message}`]);
}

/** Python's exception as an error: a `RemoteError` with its class's name, unless the library has one of its own for it. */
function toError(name: string, args: unknown[]): Error {
  const found = CODES.find(([, module, type]) => name === `${module}.${type}`);
  const text = args.map(String).join(', ');
  if (found) return new MultiprocessError(found[0], text || `${name} in Python`);
  const type = name.replace(/^builtins\./, '');
  return new RemoteError(type, text, `${type}: ${text}`);
}

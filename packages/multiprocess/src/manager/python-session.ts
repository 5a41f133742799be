/** A client that speaks Python's protocol, in the manager. */
import { type SocketConnection, tuple } from '../connection/index.ts';
import { MultiprocessError } from '../errors.ts';
import { type Call, duringCall, Holder } from './caller.ts';
import type { Entry } from './objects.ts';
import { BaseProxy, open } from './proxy.ts';
import {
  PythonError,
  type PythonRequest,
  readRequest,
  reply,
  type Token,
  toException,
  tokenFor,
} from './python-protocol.ts';
import type { Server } from './server.ts';

const KEYWORDS =
  /^(False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/;

export class PythonSession {
  readonly #server: Server;
  readonly #connection: SocketConnection;
  readonly #first: PythonRequest;

  /** `first`: what has been received already. */
  constructor(server: Server, connection: SocketConnection, first: PythonRequest) {
    this.#server = server;
    this.#connection = connection;
    this.#first = first;
  }

  async serve(): Promise<void> {
    const { method, args } = this.#first;
    if (method === 'accept_connection') await this.#serveCalls(String(args[0]));
    else await this.#send(await this.#ask(this.#first));
  }

  close(): void {
    this.#connection.close();
  }

  async #serveCalls(name: string): Promise<void> {
    const holder = new Holder(name);
    await this.#send(reply('#RETURN', null));
    try {
      for (;;) await this.#send(await this.#answer(readRequest(await this.#receive(holder)), { holder }));
    } catch {
      // The client has ended.
    } finally {
      holder.end();
    }
  }

  #receive(_holder: Holder): Promise<unknown> {
    return this.#connection.recv();
  }

  /** What cannot be pickled is told as text. */
  async #send(message: unknown): Promise<void> {
    try {
      await this.#connection.send(message);
    } catch (error) {
      if ((error as MultiprocessError).code !== 'ERR_MP_CAPTURE') throw error;
      await this.#connection.send(reply('#UNSERIALIZABLE', (error as Error).message));
    }
  }

  async #ask(request: PythonRequest): Promise<unknown> {
    try {
      return reply('#RETURN', await this.#do(request));
    } catch (error) {
      return reply('#TRACEBACK', String((error as Error).stack));
    }
  }

  async #do({ method, args, kwargs }: PythonRequest): Promise<unknown> {
    const { objects } = this.#server;
    switch (method) {
      case 'create': {
        const [typeid, ...rest] = args;
        const entry = await this.#server.create(String(typeid), withKeywords(rest, kwargs));
        objects.lease(entry);
        return tuple(entry.ident, tuple(...namesFor(entry)));
      }
      case 'get_methods':
        return tuple(...namesFor(objects.get((args[0] as Token).ident)));
      case 'incref':
        return objects.lease(objects.get(String(args[0])));
      case 'decref':
        return objects.release(objects.get(String(args[0])));
      default:
        return this.#server.answer(camelCase(method), args);
    }
  }

  async #answer({ object, method, args, kwargs }: PythonRequest, call: Call): Promise<unknown> {
    let entry: Entry;
    try {
      entry = this.#server.objects.get(String(object));
      checkExposed(entry, method);
    } catch (error) {
      return reply('#TRACEBACK', String((error as Error).stack));
    }
    try {
      const result = await duringCall(call, () => invoke(entry, method, args, kwargs));
      const typeid =
        entry.spec.methodToTypeid?.[method] ??
        entry.spec.methodToTypeid?.[camelCase(method)] ??
        (method === '__iter__' ? 'Iterator' : undefined);
      if (typeid !== undefined) return this.#proxy(await this.#server.adopt(typeid, result));
      if (result instanceof BaseProxy) return this.#proxy(this.#server.objects.get(open(result).ident));
      return reply('#RETURN', result);
    } catch (error) {
      return reply('#ERROR', toException(error));
    }
  }

  #proxy(entry: Entry): unknown {
    this.#server.objects.lease(entry);
    return reply('#PROXY', tuple(tuple(...namesFor(entry)), tokenFor(entry.typeid, this.#server.address, entry.ident)));
  }
}

/** What Python may call an object's methods: by their own names, and by Python's. */
function namesFor({ members, spec }: Entry): string[] {
  const names = [...members].flatMap((name) => [name, snakeCase(name)]);
  return [...new Set([...names, ...Object.keys(spec.python ?? {})])].filter(
    (name) => /^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.test(name),
  );
}

const ALWAYS = ['__str__', '__repr__', '#GETVALUE'];

function checkExposed(entry: Entry, method: string): void {
  const { spec, members, typeid } = entry;
  if (
    ALWAYS.includes(method) ||
    Object.hasOwn(spec.python ?? {}, method) ||
    members.has(method) ||
    members.has(camelCase(method))
  )
    return;
  throw new MultiprocessError('ERR_MP_INVALID_ARG', `method '${method}' of ${typeid} is not exposed`);
}

function invoke(entry: Entry, method: string, args: unknown[], kwargs: Record<string, unknown>): unknown {
  const { object, spec } = entry;
  if (spec.python && Object.hasOwn(spec.python, method)) return spec.python[method]!(object, args, kwargs);
  if (method === '#GETVALUE') return typeof object.copy === 'function' ? object.copy() : object;
  if (method === '__str__' || method === '__repr__') return `<${entry.typeid} object ${entry.ident}>`;
  return entry.call(entry.members.has(method) ? method : camelCase(method), withKeywords(args, kwargs));
}

/** Keyword arguments arrive as one trailing object, as in `Process`. */
function withKeywords(args: unknown[], kwargs: Record<string, unknown>): unknown[] {
  return Object.keys(kwargs).length === 0 ? args : [...args, kwargs];
}

export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at) => (at === 0 ? letter : `_${letter.toLowerCase()}`));
}

export { PythonError };

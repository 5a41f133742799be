/** The client's end of conversations with a manager of Python's: a connection for each call that is under way, used again later. */
import type { Address, SocketConnection } from '../connection/index.ts';
import { MultiprocessError } from '../errors.ts';
import { currentProcess } from '../process/index.ts';
import { cancelled } from '../timeout.ts';
import { RemoteError } from '../transport/index.ts';
import { classFor } from './classes.ts';
import type { Reach } from './links.ts';
import { type Args, OP } from './protocol.ts';
import type { BaseProxy } from './proxy.ts';
import { type Kind, request, type Token } from './python-protocol.ts';
import { camelCase } from './python-session.ts';
import { RemoteReferent } from './referent.ts';
import type { Registry } from './registry.ts';
import { withoutSignal } from './signal.ts';

const QUESTIONS: Record<string, string> = { numberOfObjects: 'number_of_objects', debugInfo: 'debug_info' };

export class PythonLink {
  readonly manager: string;
  readonly #dial: () => Promise<SocketConnection>;
  readonly #registry: Registry;
  /** Connections for calls that nobody uses now. */
  readonly #idle: SocketConnection[] = [];

  static async open(address: Address, dial: () => Promise<SocketConnection>, registry: Registry): Promise<PythonLink> {
    const link = new PythonLink(address, dial, registry);
    link.#idle.push(await link.#connect()); // also for those who cannot wait for one
    return link;
  }

  private constructor(address: Address, dial: () => Promise<SocketConnection>, registry: Registry) {
    this.manager = `Python ${address}`;
    this.#dial = dial;
    this.#registry = registry;
  }

  async request(op: number, target: string, method: string | undefined, args: Args): Promise<unknown> {
    if (op === OP.call) return this.#call(target, method!, args);
    if (op === OP.ask) return this.#ask(QUESTIONS[target] ?? target, args);
    const [ident, methods] = (await this.#ask('create', [target, ...args])) as [string, string[]];
    return this.#proxy(ident, target, methods);
  }

  requestSync(op: number, target: string, method: string | undefined, args: Args): unknown {
    const connection = op === OP.call ? this.#idle.pop() : undefined;
    if (!connection) {
      throw new MultiprocessError(
        'ERR_MP_UNSUPPORTED',
        'this would have to connect to the manager, which is one of Python’s: use the form that returns a promise',
      );
    }
    try {
      connection.sendSync(request(target, method!, args));
      const answer = connection.recvSync() as [Kind, unknown];
      this.#idle.push(connection);
      return this.#open(answer);
    } catch (error) {
      throw this.#explain(error, connection);
    }
  }

  /** This object is not needed any more. */
  release(ident: string): void {
    this.#ask('decref', [ident]).catch(() => {}); // the manager may be gone
  }

  async #call(target: string, method: string, given: Args): Promise<unknown> {
    const { args, signal } = withoutSignal(given);
    if (signal?.aborted) throw cancelled(signal);
    const connection = this.#idle.pop() ?? (await this.#connect());
    let answer: [Kind, unknown];
    try {
      await connection.send(request(target, method, args));
      answer = (await connection.recv({ signal })) as [Kind, unknown];
    } catch (error) {
      throw this.#explain(error, connection);
    }
    this.#idle.push(connection);
    return this.#open(answer);
  }

  /** One request on a connection of its own. */
  async #ask(what: string, args: Args): Promise<unknown> {
    const connection = await this.#dial();
    try {
      await connection.send(request(null, what, args));
      return this.#open((await connection.recv()) as [Kind, unknown]);
    } catch (error) {
      throw this.#explain(error, connection);
    } finally {
      connection.close();
    }
  }

  async #connect(): Promise<SocketConnection> {
    const connection = await this.#dial();
    await connection.send(request(null, 'accept_connection', [currentProcess().name]));
    this.#open((await connection.recv()) as [Kind, unknown]);
    return connection;
  }

  #open([kind, value]: [Kind, unknown]): unknown {
    switch (kind) {
      case '#RETURN':
        return value;
      case '#ERROR':
        throw withStackOfHere(value);
      case '#PROXY': {
        const [methods, { typeid, ident }] = value as [string[], Token];
        return this.#proxy(ident, typeid, methods);
      }
      default:
        throw new RemoteError('RemoteError', String(value), String(value));
    }
  }

  #proxy(ident: string, typeid: string, methods: string[]): BaseProxy {
    const names = [...new Set([...methods, ...methods.map(camelCase)])].filter((name) => !name.startsWith('__'));
    const registered = this.#registry.get(typeid)?.proxyType;
    const Class = classFor(typeid, names, registered);
    return new Class(new PythonReferent(this, ident, typeid, methods));
  }

  /** A connection on which something went wrong in the midst of a call is of no more use. */
  #explain(error: unknown, connection: SocketConnection): unknown {
    const { code } = error as MultiprocessError;
    const isOver = code === 'ERR_MP_EOF' || code === 'ERR_MP_PEER_GONE';
    if (isOver || code === 'ERR_MP_CANCELLED' || code === 'ERR_MP_UNSUPPORTED') connection.close();
    return isOver ? new MultiprocessError('ERR_MP_PEER_GONE', 'the manager is gone', { cause: error }) : error;
  }
}

/** What Python has raised comes without a stack: where it was waited for is all that is known. */
function withStackOfHere(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const at: { stack?: string } = {};
  Error.captureStackTrace(at, withStackOfHere);
  const frames = at.stack!.split('\n').slice(1);
  const [headline] = error.stack!.split('\n');
  const stack = [headline, `    --- Python ↑ | ↓ process ${process.pid} ---`, ...frames].join('\n');
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
  return error;
}

class PythonReferent extends RemoteReferent<PythonLink> {
  release(): void {
    this.link.release(this.ident);
  }

  reach(): Reach {
    throw new MultiprocessError(
      'ERR_MP_UNSUPPORTED',
      'a proxy for an object of a Python manager stays where it is: connect() there',
    );
  }

  protected override nameOf(method: string): string {
    return (
      this.methods.find((name) => name === method) ?? this.methods.find((name) => camelCase(name) === method) ?? method
    );
  }
}

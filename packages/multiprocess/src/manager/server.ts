/** A manager's process, or what would be one: objects, and clients who come by the door or by a socket. */
import { crypto } from '../builtins.ts';
import { type Address, Listener, type SocketConnection } from '../connection/index.ts';
import { MultiprocessError } from '../errors.ts';
import { currentProcess } from '../process/index.ts';
import type { SimpleQueue } from '../queue/index.ts';
import { builtinTypes } from './builtin.ts';
import { duringCall, Holder } from './caller.ts';
import type { Knock, Reach } from './links.ts';
import { addLocalServer } from './local.ts';
import { Entry, Objects } from './objects.ts';
import type { ListenOptions } from './options.ts';
import { HELLO } from './protocol.ts';
import { pythonGlobals, readRequest, reply } from './python-protocol.ts';
import { PythonSession } from './python-session.ts';
import { make, type Registry, type TypeSpec, unknownType } from './registry.ts';
import type { Segments } from './segments.ts';
import { Session } from './session.ts';
import type { SendableReferent } from './travel.ts';
import { ManagedIterator } from './types/iterator.ts';

/** What methods may return, whether it is registered or not. */
const RESULTS = new Set(['Iterator', 'AsyncResult']);

/** What can be closed. */
interface Closable {
  close(): void;
}

/**
 * Serves the objects of a manager in this process; got by `manager.getServer()`.
 *
 * @example
 * const server = await new MyManager({ address: ['', 50000], authKey: 'secret' }).getServer();
 * await server.serveForever();
 */
export class Server {
  /** Names the manager, in the whole world. */
  readonly name: string;
  readonly objects = new Objects();
  readonly #registry: Registry;
  readonly #listener: Listener;
  /** Of a SharedMemoryManager. */
  readonly #segments: Segments | undefined;
  readonly #clients = new Set<Closable>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #forget: () => void;
  #reach: Reach = {};

  /** Listens. Rejects with `ERR_MP_ADDRESS`. */
  static async open(
    registry: Registry,
    { address, ...options }: ListenOptions,
    { name = crypto().randomUUID(), segments }: { name?: string; segments?: Segments | undefined } = {},
  ): Promise<Server> {
    const listener = await Listener.open(address, { ...options, globals: pythonGlobals });
    return new Server(registry, listener, name, segments);
  }

  private constructor(registry: Registry, listener: Listener, name: string, segments: Segments | undefined) {
    this.#registry = registry;
    this.#listener = listener;
    this.#segments = segments;
    this.name = name;
    this.#forget = addLocalServer(name, this);
  }

  /** Where clients find it. */
  get address(): Address {
    return this.#listener.address;
  }

  /** Lets clients in until somebody shuts it down, here or elsewhere. */
  async serveForever(): Promise<void> {
    void this.#serveSockets();
    await this.#stopped.promise;
  }

  /** Lets clients of the same realm in, who leave a pipe at the door. */
  async serveDoor(door: SimpleQueue<Knock>, reach: Reach): Promise<void> {
    this.#reach = reach;
    try {
      for await (const { end, name, slot } of door) void this.#serve(new Session(this, end, name, slot));
    } catch {
      // Nobody in the realm has a way to it any more.
    }
  }

  /** Ends it: nobody is served any more. */
  stop(): void {
    this.#listener.close();
    for (const client of this.#clients) client.close();
    this.objects.close();
    this.#segments?.unlink();
    this.#forget();
    this.#stopped.resolve();
  }

  /** A new object of a type. @internal */
  create(typeid: string, args: readonly unknown[]): Entry | Promise<Entry> {
    const spec = this.#registry.get(typeid);
    if (!spec) throw unknownType(typeid, this.#registry);
    return this.#entry(typeid, spec, make(spec, args));
  }

  /** The entry of a method's result, which stays here. @internal */
  adopt(typeid: string, result: unknown): Entry | Promise<Entry> {
    const spec = this.#registry.get(typeid) ?? (RESULTS.has(typeid) ? builtinTypes.get(typeid) : undefined);
    if (!spec) throw unknownType(typeid, this.#registry);
    return this.#entry(typeid, spec, typeid === 'Iterator' ? new ManagedIterator(result as Iterable<unknown>) : result);
  }

  /** What is not about a single object. @internal */
  answer(what: string, args: readonly unknown[]): unknown {
    switch (what) {
      case 'dummy':
        return null;
      case 'numberOfObjects':
        return this.objects.size;
      case 'debugInfo':
        return this.objects.describe();
      case 'shutdown':
        setImmediate(() => this.stop()); // once the answer is on its way
        return null;
      case 'SharedMemory':
      case 'ShareableList':
        if (this.#segments) return this.#segments.make(what, args);
    }
    throw new MultiprocessError('ERR_MP_INVALID_ARG', `'${what}' unrecognized`);
  }

  /** @internal */
  isEntry(value: unknown): value is Entry {
    return value instanceof Entry;
  }

  /** For a proxy that has come back to the manager's own process. @internal */
  referent(ident: string): SendableReferent {
    const entry = this.objects.get(ident);
    return new LocalReferent(this, entry, () => {
      this.objects.keep(entry);
      return this.#reach;
    });
  }

  #entry(typeid: string, spec: TypeSpec, object: unknown): Entry | Promise<Entry> {
    if (typeof (object as PromiseLike<unknown> | undefined)?.then === 'function' && typeid !== 'AsyncResult') {
      return Promise.resolve(object).then((settled) => this.objects.add(typeid, spec, settled));
    }
    return this.objects.add(typeid, spec, object);
  }

  async #serveSockets(): Promise<void> {
    for await (const connection of this.#listener) void this.#welcome(connection);
  }

  /** The first message of a socket is in Python's protocol. */
  async #welcome(connection: SocketConnection): Promise<void> {
    this.#clients.add(connection);
    try {
      const request = readRequest(await connection.recv());
      if (request.method !== HELLO) await this.#serve(new PythonSession(this, connection, request));
      else {
        await connection.send(reply('#RETURN', this.name));
        await this.#serve(new Session(this, connection, String(request.args[0]), -1));
      }
    } catch {
      // Whoever comes with anything else is no client.
    } finally {
      this.#clients.delete(connection);
      connection.close();
    }
  }

  async #serve(session: Closable & { serve(): Promise<void> }): Promise<void> {
    this.#clients.add(session);
    await session.serve();
    this.#clients.delete(session);
  }
}

/** An object of this process: no lease is needed, the entry itself is held. */
class LocalReferent implements SendableReferent {
  readonly reach: () => Reach;
  readonly #server: Server;
  readonly #entry: Entry;
  readonly #holder: Holder;

  constructor(server: Server, entry: Entry, reach: () => Reach) {
    this.#server = server;
    this.#entry = entry;
    this.reach = reach;
    this.#holder = holderOfHere();
  }

  get manager(): string {
    return this.#server.name;
  }

  get ident(): string {
    return this.#entry.ident;
  }

  get typeid(): string {
    return this.#entry.typeid;
  }

  get methods(): string[] {
    return [...this.#entry.members];
  }

  get object(): unknown {
    return this.#entry.object;
  }

  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    return duringCall({ holder: this.#holder }, () => this.#entry.call(method, args));
  }

  /** A call that takes longer would have to block the manager itself. */
  callSync(method: string, args: readonly unknown[]): unknown {
    const result = duringCall({ holder: this.#holder }, () => this.#entry.call(method, args));
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return result;
    throw new MultiprocessError('ERR_MP_UNSUPPORTED', `${method}Sync would block the manager for ever: use ${method}`);
  }

  release(): void {}
}

let here: Holder | undefined;

function holderOfHere(): Holder {
  here ??= new Holder(currentProcess().name);
  return here;
}

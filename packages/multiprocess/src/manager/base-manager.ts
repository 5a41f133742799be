/** Managers: processes that hold objects for others. CPython: `multiprocessing.managers.BaseManager`. */
import { crypto } from '../builtins.ts';
import type { Address } from '../connection/index.ts';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { check, isFunction } from '../options.ts';
import { Process } from '../process/index.ts';
import { makeWorker } from '../process/internal.ts';
import { Pipe, SimpleQueue } from '../queue/index.ts';
import type { WaitOptions } from '../timeout.ts';
import { loadsError, registerKnown, registerUnsendable } from '../transport/index.ts';
import { builtinTypes } from './builtin.ts';
import { type Client, connectTo } from './connect.ts';
import { forgetLink, type Knock, linkTo } from './links.ts';
import { checkOptions, connectionOptions, type ManagerOptions } from './options.ts';
import { OP } from './protocol.ts';
import { BaseProxy } from './proxy.ts';
import type { Registered } from './registered.ts';
import { type Callable, checkRegistration, type RegisterOptions, type Registry, type TypeSpec } from './registry.ts';
import { runServer, type Started } from './run-server.ts';
import type { Segments } from './segments.ts';
import { Server } from './server.ts';

type State = 'initial' | 'started' | 'connected' | 'shutdown';

/** Known everywhere: classes of managers travel with their types. */
const REGISTRY: unique symbol = Symbol.for('multiprocess.registry') as never;

/** What a SharedMemoryManager has besides. */
export const SEGMENTS: unique symbol = Symbol('segments');
/** Asks the manager's process for what is about no object. */
export const ASK: unique symbol = Symbol('ask');
export const ASK_SYNC: unique symbol = Symbol('askSync');

/**
 * A manager holds objects in a process of its own, where any number of programs use them by proxies: here, in other processes,
 * on other machines, and in Python.
 *
 * @example
 * class Counter { #n = 0; add(n: number) { return (this.#n += n); } }
 * const MyManager = class extends BaseManager {}.register('Counter', Counter);
 * await using manager = new MyManager();
 * await manager.start();
 * const counter = await manager.Counter();
 * await counter.add(2); // 2
 */
export class BaseManager {
  static [REGISTRY]: Registry = new Map();

  /** @internal */
  readonly [SEGMENTS]: Segments | undefined;

  readonly #options: ManagerOptions;
  readonly #registry: Registry;
  #state: State = 'initial';
  #client: Client | undefined;
  #process: Process | undefined;
  #address: Address | undefined;
  #reference: string | undefined;

  /** Nothing runs before `start()`, `connect()` or `getServer()`. Throws `ERR_MP_INVALID_ARG`. */
  constructor(options: ManagerOptions = {}) {
    this.#options = checkOptions(options);
    this.#address = options.address ?? undefined;
    const Class = this.constructor as typeof BaseManager;
    this.#registry = Class[REGISTRY];
    // A class that came here from another process has its types, but not the methods that they gave it.
    for (const [typeid, { createMethod = true }] of this.#registry) {
      if (createMethod && !(typeid in this)) addCreator(Class, typeid);
    }
  }

  /**
   * Has managers of this class make objects of a type, by a method of its name: `await manager.Counter(…)`. Returns the class, whose type
   * then has that method.
   *
   * @param callable a class, or a function that returns the object, perhaps later; it runs in the manager. Without it, the manager
   * connects to one that has such a type; `null` is the same
   *
   * Throws `ERR_MP_INVALID_ARG`.
   */
  static register<M extends typeof BaseManager, N extends string, C extends Callable, P = unknown>(
    this: M,
    typeid: N,
    callable?: C | null,
    options: Omit<RegisterOptions, 'proxyType'> & { proxyType?: new (...args: any[]) => P } = {},
  ): Registered<M, N, C, P> {
    checkRegistration(typeid, callable ?? null, options as RegisterOptions, isProxyClass);
    const { createMethod = true } = options;
    if (!Object.hasOwn(this, REGISTRY)) this[REGISTRY] = new Map(this[REGISTRY]);
    this[REGISTRY].set(typeid, { callable: callable ?? undefined, ...(options as RegisterOptions) });
    if (createMethod) addCreator(this, typeid);
    return this as never;
  }

  /**
   * Starts the manager's process, which ends with this one. `initializer` is called there first.
   *
   * Rejects with `ERR_MP_ALREADY_STARTED`, with `ERR_MP_ADDRESS`, and with what the initializer throws.
   */
  async start(initializer?: (...args: any[]) => unknown, initArgs: readonly unknown[] = []): Promise<void> {
    this.#checkInitial();
    check('initializer', 'a function (initializer must be a callable)', initializer, isFunction);
    if (!Array.isArray(initArgs)) throw invalidArgument('initArgs', 'an array', initArgs);
    this.#state = 'started';
    const name = crypto().randomUUID();
    const door = new SimpleQueue<Knock>();
    const [ready, there] = Pipe<never, Started>({ duplex: false });
    const own = [...this.#registry].filter(([typeid, spec]) => builtinTypes.get(typeid) !== spec);
    const plan = {
      name,
      types: own.map(([typeid, spec]): [string, TypeSpec] => [typeid, forServer(spec)]),
      builtin: [...this.#registry.keys()].filter((typeid) => builtinTypes.get(typeid) === this.#registry.get(typeid)),
      listen: { address: this.#address, ...keyed(connectionOptions(this.#options)) },
      door,
      ready: there,
      segments: this[SEGMENTS]?.names,
      initializer,
      initArgs,
    };
    try {
      const started = await this.#launch(plan, ready);
      if ('error' in started) throw await loadsError(started.error);
      this.#address = started.address;
      const link = linkTo(name, { door, server: started.server })!;
      link.registry = this.#registry;
      this.#reference = name;
      this.#client = link;
    } catch (error) {
      this.#state = 'initial';
      await this.#process?.join();
      throw error;
    } finally {
      there.close();
      ready.close();
    }
  }

  /**
   * Connects to a manager that runs elsewhere, of this library or of Python, at the address that was given. Rejects with `ERR_MP_ADDRESS`, `ERR_MP_AUTH`, `ERR_MP_TIMEOUT`.
   */
  async connect(timeout?: number | WaitOptions): Promise<void> {
    if (this.#state === 'shutdown') throw this.#hasShutDown();
    if (this.#address === undefined) throw invalidArgument('address', 'the address of a manager', undefined);
    this.#client = await connectTo(this.#address, connectionOptions(this.#options), this.#registry, timeout);
    if (this.#state === 'initial') this.#state = 'connected';
  }

  /** Serves the objects in this process: resolves with a server that listens; `await server.serveForever()`. */
  async getServer(): Promise<Server> {
    this.#checkInitial();
    const listen = { address: this.#address, ...connectionOptions(this.#options) };
    const server = await Server.open(this.#registry, listen, { segments: this[SEGMENTS] });
    this.#address = server.address;
    this.#state = 'started';
    return server;
  }

  /** Ends the manager's process, with all objects. Of a manager that was not started here: does nothing. Doing it again is fine. */
  async shutdown(): Promise<void> {
    if (this.#state !== 'started' || !this.#process) return;
    this.#state = 'shutdown';
    const { shutdownTimeout = 1000 } = this.#options;
    const asked = this.#client?.request(OP.ask, 'shutdown', undefined, []).catch(() => {}); // it may be gone already
    await Promise.race([asked, this.#process.join(shutdownTimeout)]);
    if (!(await this.#process.join(shutdownTimeout))) this.#process.terminate();
    if (!(await this.#process.join(shutdownTimeout))) this.#process.kill();
    await this.#process.join();
    forgetLink(this.#reference!, this.#hasShutDown());
  }

  /** Waits until the manager's process has ended: true; false when the time was up first. */
  async join(timeout?: number | WaitOptions): Promise<boolean> {
    if (!this.#process) throw notStarted();
    return this.#process.join(timeout);
  }

  /** Where clients find it: with the port that was free. Undefined before the start, if none was given. */
  get address(): Address | undefined {
    return this.#address;
  }

  /** Of the manager's process, if it was started here. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** How many objects clients have proxies for. */
  numberOfObjects(): Promise<number> {
    return this[ASK]('numberOfObjects') as Promise<number>;
  }

  /** The objects that clients have proxies for, and how many, as text. */
  debugInfo(): Promise<string> {
    return this[ASK]('debugInfo') as Promise<string>;
  }

  /** An object of a registered type; what `manager.Counter(…)` calls. */
  async create(typeid: string, args: readonly unknown[] = []): Promise<unknown> {
    return this.#open().request(OP.create, typeid, undefined, args);
  }

  createSync(typeid: string, args: readonly unknown[] = []): unknown {
    return this.#open().requestSync(OP.create, typeid, undefined, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #launch(
    plan: Parameters<typeof runServer>[0],
    ready: { recv(): Promise<Started>; close(): void },
  ): Promise<Started> {
    const Class = this.#options.context?.Process ?? Process;
    const child = new Class({ target: runServer, args: [plan] }) as unknown as Process;
    child.name = child.name.replace('Process', (this.constructor as Function).name || 'Manager');
    makeWorker(child as Process<any>, () => this[SEGMENTS]?.unlink());
    child.start();
    this.#process = child;
    plan.ready.close();
    try {
      return await ready.recv();
    } catch (cause) {
      throw new MultiprocessError('ERR_MP_START_FAILED', 'Unable to start server: its process ended at once', {
        cause,
      });
    }
  }

  /** @internal */
  async [ASK](what: string, args: readonly unknown[] = []): Promise<unknown> {
    return this.#open().request(OP.ask, what, undefined, args);
  }

  /** @internal */
  [ASK_SYNC](what: string, args: readonly unknown[]): unknown {
    return this.#open().requestSync(OP.ask, what, undefined, args);
  }

  #open(): Client {
    if (this.#state === 'shutdown') throw this.#hasShutDown();
    if (!this.#client) throw notStarted();
    return this.#client;
  }

  #checkInitial(): void {
    if (this.#state === 'shutdown') throw this.#hasShutDown();
    if (this.#state !== 'initial')
      throw new MultiprocessError(
        'ERR_MP_ALREADY_STARTED',
        `Already started ${this[SEGMENTS] ? 'SharedMemoryServer' : 'server'}`,
      );
  }

  #hasShutDown(): MultiprocessError {
    const name = this[SEGMENTS] ? 'SharedMemoryManager' : 'Manager';
    return new MultiprocessError('ERR_MP_CLOSED', `${name} has shut down`);
  }
}

/** Gives a class the types that every `Manager()` has. */
export function addBuiltinTypes(Class: Pick<typeof BaseManager, never>): void {
  const manager = Class as typeof BaseManager;
  manager[REGISTRY] = new Map(builtinTypes);
  for (const [typeid, { createMethod = true }] of builtinTypes) if (createMethod) addCreator(manager, typeid);
}

function addCreator(Class: typeof BaseManager, typeid: string): void {
  const { prototype } = Class;
  const members: [string, Function][] = [
    [
      typeid,
      function (this: BaseManager, ...args: unknown[]) {
        return this.create(typeid, args);
      },
    ],
    [
      `${typeid}Sync`,
      function (this: BaseManager, ...args: unknown[]) {
        return this.createSync(typeid, args);
      },
    ],
  ];
  for (const [name, value] of members) {
    if (name in BaseManager.prototype || name === 'then')
      throw invalidArgument('typeid', 'a name that managers do not have already', typeid);
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}

const isProxyClass = (value: unknown): boolean =>
  value === BaseProxy || (typeof value === 'function' && value.prototype instanceof BaseProxy);

/** What the manager itself needs of a type. */
const forServer = ({ callable, exposed, methodToTypeid }: TypeSpec): TypeSpec => ({
  callable,
  exposed,
  methodToTypeid,
});

/** The family's key is inherited, and refused by the transport. */
function keyed<T extends { authKey?: unknown }>(options: T): T {
  return options.authKey instanceof Uint8Array ? { ...options, authKey: new Uint8Array(options.authKey) } : options;
}

const notStarted = () => new MultiprocessError('ERR_MP_NOT_STARTED', 'server not yet started');

registerUnsendable(
  BaseManager,
  'and a manager is used in the process that made it',
  'send its proxies, or connect() there',
);
registerKnown('BaseManager', BaseManager);

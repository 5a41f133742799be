/** The client's end of a conversation with a manager (protocol.ts): any number of calls at once, and calls that block. */
import type { Connection } from '../channel/index.ts';
import { MultiprocessError } from '../errors.ts';
import { sendingTo } from '../memory/index.ts';
import { cancelled, onAbort } from '../timeout.ts';
import { dumps, loads, loadsError, loadsSync, tryLoadsErrorSync } from '../transport/index.ts';
import { Batch, messagesOf } from './batch.ts';
import { classFor } from './classes.ts';
import type { Reach } from './links.ts';
import { encodingFor } from './partner.ts';
import { type Args, OP, REPLY, type Reply, type Request } from './protocol.ts';
import type { BaseProxy } from './proxy.ts';
import { LinkReferent } from './referent.ts';
import type { Registry } from './registry.ts';
import { withoutSignal } from './signal.ts';

/** How often it is looked whether the manager lives, in ms, until it has answered once: it may have died before it knew of us. */
const LOOK_INTERVAL = 200;

export interface LinkOptions {
  /** Names the manager. */
  manager: string;
  /** How others reach it. */
  reach: Reach;
  /** Slot of the manager in the process table of the realm; -1: it is elsewhere. */
  slot: number;
  /** Whether the manager lives, as far as that is known. */
  isAlive(): boolean;
}

interface Pending {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class Link {
  readonly manager: string;
  readonly reach: Reach;
  /** Of the manager object that made this link: classes of proxies. */
  registry: Registry | undefined;
  readonly #connection: Connection;
  readonly #options: LinkOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #methods = new Map<string, readonly string[]>();
  readonly #batch: Batch;
  #ids = 0;
  #isPumping = false;
  #hasAnswered = false;
  #broken: MultiprocessError | undefined;

  constructor(connection: Connection, options: LinkOptions) {
    this.#connection = connection;
    this.#batch = new Batch((bytes) => this.#connection.sendBytes(bytes).catch((error) => this.#break(error)));
    this.#options = options;
    this.manager = options.manager;
    this.reach = options.reach;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Resolves with the answer to a call, a creation or a question. */
  async request(op: number, target: string, method: string | undefined, given: Args): Promise<unknown> {
    const { args, signal } = withoutSignal(given);
    if (signal?.aborted) throw cancelled(signal);
    const id = ++this.#ids;
    this.#add(op, id, target, method, args);
    const answer = new Promise<Reply>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    if (!this.#isPumping) void this.#pump();
    if (!signal) return this.#open(await answer);
    const stop = onAbort(signal, () => this.tell([OP.cancel, id]));
    try {
      return await this.#open(await answer);
    } catch (error) {
      if (signal.aborted && (error as MultiprocessError).code === 'ERR_MP_CANCELLED') throw cancelled(signal);
      throw error;
    } finally {
      stop();
    }
  }

  /** The same, blocking the thread. */
  requestSync(op: number, target: string, method: string | undefined, given: Args): unknown {
    const { args, signal } = withoutSignal(given);
    if (signal?.aborted) throw cancelled(signal);
    const id = ++this.#ids;
    this.#add(op, id, target, method, args);
    let reply: Reply | undefined;
    let failure: Error | undefined;
    this.#pending.set(id, {
      resolve(value) {
        reply = value;
      },
      reject(error) {
        failure = error;
      },
    });
    try {
      this.#connection.sendBytesSync(this.#batch.take());
      while (!reply && !failure) this.#receiveSync();
    } catch (error) {
      this.#break(error);
    }
    // Whoever waits asynchronously for what has come already would keep the program alive: have it look.
    if (this.#isPumping && this.#pending.size === 0) this.tell([OP.ask, 0, 'dummy', []]);
    if (failure) throw failure;
    return this.#openSync(reply!);
  }

  /** Tells the manager something that it does not answer. A manager that is gone need not know. */
  tell(message: Request): void {
    if (!this.#broken) this.#batch.add(message);
  }

  /** The same, before anything else happens. */
  tellNow(message: Request): void {
    this.tell(message);
    if (!this.#broken) this.#connection.sendBytesSync(this.#batch.take());
  }

  referent(ident: string, typeid: string, methods: readonly string[], leased: boolean): LinkReferent {
    if (!leased) this.tell([OP.lease, ident]);
    return new LinkReferent(this, ident, typeid, methods);
  }

  /** Later calls, and those under way, get `error`. */
  close(error: MultiprocessError): void {
    this.#break(error);
  }

  #add(op: number, id: number, target: string, method: string | undefined, args: Args): void {
    if (this.#broken) throw this.#broken;
    if (this.#batch.tryAdd(method === undefined ? [op, id, target, args] : [op, id, target, method, args])) return;
    const packed = this.#pack(args);
    this.#batch.add(method === undefined ? [op, id, target, packed] : [op, id, target, method, packed]);
  }

  #pack(args: Args): Uint8Array {
    const pack = () => encodingFor(this, () => dumps(args, { root: 'arguments' }));
    return this.#options.slot < 0 ? pack() : sendingTo(this.#options.slot, pack);
  }

  /** Receives while something is waited for, and only then: a program ends although it has a manager. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      await null; // what is asked for is sent first: receiving spins for a while
      while (this.#pending.size > 0) this.#settle(await this.#receive());
    } catch (error) {
      this.#break(error);
    } finally {
      this.#isPumping = false;
    }
  }

  async #receive(): Promise<Uint8Array> {
    while (!this.#hasAnswered) {
      try {
        return await this.#connection.recvBytes(undefined, LOOK_INTERVAL);
      } catch (error) {
        this.#checkAlive(error);
      }
    }
    return this.#connection.recvBytes();
  }

  #receiveSync(): void {
    try {
      this.#settle(this.#connection.recvBytesSync(undefined, this.#hasAnswered ? undefined : LOOK_INTERVAL));
    } catch (error) {
      this.#checkAlive(error);
    }
  }

  #checkAlive(error: unknown): void {
    if ((error as MultiprocessError).code !== 'ERR_MP_TIMEOUT' || !this.#options.isAlive()) throw error;
  }

  #settle(bytes: Uint8Array): void {
    this.#hasAnswered = true;
    for (const message of messagesOf(bytes)) {
      const reply = message as Reply;
      const id = reply[1];
      if (reply[0] === REPLY.proxy && reply[4]) this.#methods.set(reply[3], reply[4]);
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      pending?.resolve(reply);
    }
  }

  #open(reply: Reply): unknown {
    if (reply[0] === REPLY.value) return reply[2];
    if (reply[0] === REPLY.proxy) return this.#proxy(reply[2], reply[3]);
    return reply[0] === REPLY.packed ? loads(reply[2]) : this.#throw(reply[2]);
  }

  async #throw(bytes: Uint8Array): Promise<never> {
    throw await loadsError(bytes);
  }

  #openSync(reply: Reply): unknown {
    if (reply[0] === REPLY.value) return reply[2];
    if (reply[0] === REPLY.proxy) return this.#proxy(reply[2], reply[3]);
    if (reply[0] === REPLY.packed) return loadsSync(reply[2]);
    const found = tryLoadsErrorSync(reply[2]);
    throw found
      ? found.value
      : new MultiprocessError('ERR_MP_REMOTE', 'a module of this error can only be imported asynchronously');
  }

  #proxy(ident: string, typeid: string): BaseProxy {
    const methods = this.#methods.get(typeid)!;
    const Class = classFor(typeid, methods, this.registry?.get(typeid)?.proxyType);
    return new Class(this.referent(ident, typeid, methods, true));
  }

  /** Nothing more will come: who waits gets to know, and so does whoever comes later. */
  #break(cause: unknown): void {
    if (this.#broken) return;
    const { code } = cause as MultiprocessError;
    const isOver = code === 'ERR_MP_EOF' || code === 'ERR_MP_PEER_GONE' || code === 'ERR_MP_TIMEOUT';
    this.#broken = isOver
      ? new MultiprocessError('ERR_MP_PEER_GONE', 'the manager is gone', { cause })
      : (cause as MultiprocessError);
    this.#connection.close();
    for (const { reject } of this.#pending.values()) reject(this.#broken);
    this.#pending.clear();
  }
}

/** One client of a manager, in the manager: its calls, and what it has leased. */
import type { Connection } from '../channel/index.ts';
import { MultiprocessError } from '../errors.ts';
import { sendingTo } from '../memory/index.ts';
import { dumps, dumpsError, loads, tryLoadsSync } from '../transport/index.ts';
import { Batch, messagesOf } from './batch.ts';
import { type Call, duringCall, Holder } from './caller.ts';
import type { Entry } from './objects.ts';
import { encodingFor } from './partner.ts';
import { OP, REPLY, type Reply, type Request } from './protocol.ts';
import type { Server } from './server.ts';

interface Running extends Call {
  id: number;
}

export class Session {
  readonly manager: string;
  readonly #server: Server;
  readonly #connection: Connection;
  /** Of the client, in the process table; -1: it is elsewhere. */
  readonly #slot: number;
  readonly #holder: Holder;
  readonly #leases = new Map<Entry, number>();
  /** Calls that take longer. */
  readonly #running = new Map<number, Running>();
  /** Types whose methods the client knows. */
  readonly #told = new Set<string>();
  readonly #answers: Batch;

  constructor(server: Server, connection: Connection, name: string, slot: number) {
    this.#server = server;
    this.manager = server.name;
    this.#connection = connection;
    this.#answers = new Batch((bytes) => connection.sendBytes(bytes).catch(() => {})); // serve() finds out
    this.#slot = slot;
    this.#holder = new Holder(name);
  }

  /** Serves until the client is gone; then gives back what it had. */
  async serve(): Promise<void> {
    try {
      for (;;) {
        const bytes = await this.#connection.recvBytes();
        for (const request of messagesOf(bytes)) this.#handle(request as Request);
        this.#answers.flush(); // before waiting, which spins for a while
      }
    } catch {
      // The client has ended, or says what makes no sense: nobody is left to be told.
    } finally {
      this.#connection.close();
      this.#holder.end();
      for (const [entry, count] of this.#leases) this.#server.objects.release(entry, count);
    }
  }

  close(): void {
    this.#connection.close();
  }

  /** For the partner of what is encoded: leases an object to the client. @internal */
  lease(ident: string): void {
    this.#lease(this.#server.objects.get(ident));
  }

  #handle(request: Request): void {
    switch (request[0]) {
      case OP.call:
        this.#begin(request[1], request[4], (args) => this.#call(request[2], request[3], args));
        break;
      case OP.create:
        this.#begin(request[1], request[3], (args) => this.#server.create(request[2], args));
        break;
      case OP.ask:
        this.#begin(request[1], request[3], (args) => this.#server.answer(request[2], args));
        break;
      case OP.cancel:
        this.#cancel(request[1]);
        break;
      default:
        this.#count(request[0], request[1]);
    }
  }

  #call(ident: string, method: string, args: readonly unknown[]): unknown {
    const entry = this.#server.objects.get(ident);
    const result = entry.call(method, args);
    const typeid = entry.spec.methodToTypeid?.[method];
    return typeid === undefined ? result : this.#server.adopt(typeid, result);
  }

  /** `body` gets the arguments, which may have to be imported first. */
  #begin(id: number, args: readonly unknown[] | Uint8Array, body: (args: readonly unknown[]) => unknown): void {
    if (Array.isArray(args)) this.#run(id, () => body(args));
    else void this.#beginLater(id, args as Uint8Array, body);
  }

  async #beginLater(id: number, packed: Uint8Array, body: (args: readonly unknown[]) => unknown): Promise<void> {
    let args: readonly unknown[];
    try {
      args = (tryLoadsSync(packed)?.value ?? (await loads(packed))) as readonly unknown[];
    } catch (error) {
      this.#fail(id, error);
      return;
    }
    this.#run(id, () => body(args));
  }

  #run(id: number, body: () => unknown): void {
    const call: Running = { holder: this.#holder, id };
    try {
      const result = duringCall(call, body);
      if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') this.#answer(id, result);
      else this.#await(call, result as PromiseLike<unknown>);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #await(call: Running, result: PromiseLike<unknown>): void {
    const { id } = call;
    this.#running.set(id, call);
    result.then(
      (value) => this.#running.delete(id) && this.#answer(id, value),
      (error) => this.#running.delete(id) && this.#fail(id, error),
    );
  }

  #answer(id: number, result: unknown): void {
    try {
      if (this.#server.isEntry(result)) this.#sendProxy(id, result);
      else if (!this.#answers.tryAdd([REPLY.value, id, result]))
        this.#answers.add([REPLY.packed, id, this.#pack(result)]);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #sendProxy(id: number, entry: Entry): void {
    const { ident, typeid } = entry;
    const reply: Reply = [REPLY.proxy, id, ident, typeid];
    if (!this.#told.has(typeid)) reply.push([...entry.members]);
    this.#told.add(typeid);
    this.#lease(entry);
    this.#answers.add(reply);
  }

  #pack(value: unknown): Uint8Array {
    const pack = () => encodingFor(this, () => dumps(value, { root: 'result' }));
    return this.#slot < 0 ? pack() : sendingTo(this.#slot, pack);
  }

  #fail(id: number, error: unknown): void {
    this.#answers.add([REPLY.error, id, dumpsError(error)]);
  }

  /** A wait ends by itself; whatever else takes long goes on, and nobody hears of it. */
  #cancel(id: number): void {
    const call = this.#running.get(id);
    if (!call || this.#holder.cancel(call)) return;
    this.#running.delete(id);
    this.#fail(id, new MultiprocessError('ERR_MP_CANCELLED', 'the call was cancelled; what it had begun goes on'));
  }

  #count(op: typeof OP.lease | typeof OP.drop | typeof OP.keep, ident: string): void {
    const { objects } = this.#server;
    let entry: Entry;
    try {
      entry = objects.get(ident);
    } catch {
      return; // calls will say so
    }
    if (op === OP.keep) objects.keep(entry);
    else if (op === OP.lease) this.#lease(entry);
    else if (this.#leases.has(entry)) this.#drop(entry);
  }

  #lease(entry: Entry): void {
    this.#leases.set(entry, (this.#leases.get(entry) ?? 0) + 1);
    this.#server.objects.lease(entry);
  }

  #drop(entry: Entry): void {
    const left = this.#leases.get(entry)! - 1;
    if (left > 0) this.#leases.set(entry, left);
    else this.#leases.delete(entry);
    this.#server.objects.release(entry);
  }
}

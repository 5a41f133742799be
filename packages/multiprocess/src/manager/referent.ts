/** What a proxy of a client stands for: an object in another process, and a lease on it. */
import type { Link } from './link.ts';
import type { Reach } from './links.ts';
import { type Args, OP } from './protocol.ts';
import type { SendableReferent } from './travel.ts';

export class RemoteReferent implements SendableReferent {
  readonly ident: string;
  readonly typeid: string;
  readonly methods: readonly string[];
  readonly #link: Link;

  constructor(link: Link, ident: string, typeid: string, methods: readonly string[]) {
    this.#link = link;
    this.ident = ident;
    this.typeid = typeid;
    this.methods = methods;
  }

  get manager(): string {
    return this.#link.manager;
  }

  call(method: string, args: Args): Promise<unknown> {
    return this.#link.request(OP.call, this.ident, method, args);
  }

  callSync(method: string, args: Args): unknown {
    return this.#link.requestSync(OP.call, this.ident, method, args);
  }

  release(): void {
    this.#link.tell([OP.drop, this.ident]);
  }

  reach(): Reach {
    this.#link.tellNow([OP.keep, this.ident]); // the proxy may be taken before this thread does anything else
    return this.#link.reach;
  }
}

/** What a proxy of a client stands for: an object in another process, and a lease on it. */
import type { Link } from './link.ts';
import type { Reach } from './links.ts';
import { type Args, OP } from './protocol.ts';
import type { SendableReferent } from './travel.ts';

/** How calls reach a manager: one of ours, or one of Python's. */
interface CallLink {
  readonly manager: string;
  request(op: number, target: string, method: string | undefined, args: Args): Promise<unknown>;
  requestSync(op: number, target: string, method: string | undefined, args: Args): unknown;
}

/** Base class of both kinds. */
export abstract class RemoteReferent<L extends CallLink> implements SendableReferent {
  readonly ident: string;
  readonly typeid: string;
  readonly methods: readonly string[];
  protected readonly link: L;

  constructor(link: L, ident: string, typeid: string, methods: readonly string[]) {
    this.link = link;
    this.ident = ident;
    this.typeid = typeid;
    this.methods = methods;
  }

  get manager(): string {
    return this.link.manager;
  }

  call(method: string, args: Args): Promise<unknown> {
    return this.link.request(OP.call, this.ident, this.nameOf(method), args);
  }

  callSync(method: string, args: Args): unknown {
    return this.link.requestSync(OP.call, this.ident, this.nameOf(method), args);
  }

  abstract release(): void;
  abstract reach(): Reach;

  /** What the manager calls a method. */
  protected nameOf(method: string): string {
    return method;
  }
}

/** An object of a manager of ours. */
export class LinkReferent extends RemoteReferent<Link> {
  release(): void {
    this.link.tell([OP.drop, this.ident]);
  }

  reach(): Reach {
    this.link.tellNow([OP.keep, this.ident]); // the proxy may be taken before this thread does anything else
    return this.link.reach;
  }
}

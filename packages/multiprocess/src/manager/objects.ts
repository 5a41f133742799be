/**
 * The objects of a manager, and who has leased them.
 *
 * | an entry is            | while                                                     | found by its name |
 * |------------------------|-----------------------------------------------------------|-------------------|
 * | leased                 | some client has a proxy for it                            | yes               |
 * | kept                   | a proxy for it was sent to somebody less than KEEP ms ago | yes               |
 * | reachable              | another object of the manager contains a proxy for it     | yes               |
 * | garbage                | none of these                                             | no                |
 *
 * What contains what is left to the garbage collector, cycles included: names are weak, and only leases hold on to an entry.
 */
import { MultiprocessError } from '../errors.ts';
import { publicMembers, type TypeSpec } from './registry.ts';

/** How long an object outlives its last proxy, in ms, when a proxy has been sent and not arrived yet. */
const KEEP = 30_000;

export class Entry {
  readonly ident: string;
  readonly typeid: string;
  readonly spec: TypeSpec;
  readonly object: any;
  /** What clients may call. */
  readonly members: ReadonlySet<string>;
  leases = 0;
  keptUntil = 0;

  constructor(ident: string, typeid: string, spec: TypeSpec, object: unknown) {
    this.ident = ident;
    this.typeid = typeid;
    this.spec = spec;
    this.object = object;
    this.members = new Set(spec.exposed ?? publicMembers(object));
  }

  /** Throws `ERR_MP_INVALID_ARG` for what is not exposed. */
  call(method: string, args: readonly unknown[]): unknown {
    if (!this.members.has(method)) {
      const names = [...this.members].join(', ');
      throw new MultiprocessError(
        'ERR_MP_INVALID_ARG',
        `method '${method}' of ${this.typeid} is not exposed; exposed are: ${names}`,
      );
    }
    const member = this.object[method];
    return typeof member === 'function' ? member.apply(this.object, args) : member;
  }
}

export class Objects {
  /** Leased or kept. */
  readonly #held = new Map<string, Entry>();
  readonly #names = new Map<string, WeakRef<Entry>>();
  readonly #byObject = new WeakMap<object, Entry>();
  readonly #forgotten = new FinalizationRegistry<string>((ident) => this.#names.delete(ident));
  #count = 0;
  #sweeper: NodeJS.Timeout | undefined;

  /** How many are leased. */
  get size(): number {
    let count = 0;
    for (const { leases } of this.#held.values()) if (leases > 0) count++;
    return count;
  }

  /** The entry of an object; the same one for the same object. */
  add(typeid: string, spec: TypeSpec, object: unknown): Entry {
    const isObject = (typeof object === 'object' && object !== null) || typeof object === 'function';
    const known = isObject ? this.#byObject.get(object as object) : undefined;
    if (known?.typeid === typeid) return known;
    const entry = new Entry((++this.#count).toString(16), typeid, spec, object);
    this.#names.set(entry.ident, new WeakRef(entry));
    this.#forgotten.register(entry, entry.ident);
    if (isObject) this.#byObject.set(object as object, entry);
    return entry;
  }

  /** Throws `ERR_MP_BAD_HANDLE` when there is none. */
  get(ident: string): Entry {
    const entry = this.#held.get(ident) ?? this.#names.get(ident)?.deref();
    if (entry) return entry;
    throw new MultiprocessError('ERR_MP_BAD_HANDLE', `the manager has no object ${ident}: every proxy for it is gone`);
  }

  lease(entry: Entry): void {
    entry.leases++;
    this.#held.set(entry.ident, entry);
  }

  release(entry: Entry, count = 1): void {
    entry.leases -= count;
    if (entry.leases <= 0 && entry.keptUntil < performance.now()) this.#held.delete(entry.ident);
  }

  /** For some time even without a lease: somebody is about to take one. */
  keep(entry: Entry): void {
    entry.keptUntil = performance.now() + KEEP;
    this.#held.set(entry.ident, entry);
    this.#sweeper ??= setInterval(() => this.#sweep(), KEEP / 2).unref();
  }

  /** As Python's: a line for each object. */
  describe(): string {
    const lines = [...this.#held.values()].map(
      ({ ident, typeid, leases }) => `  ${ident}:       refcount=${leases}\n    ${typeid}`,
    );
    return lines.sort().join('\n');
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#held.clear();
  }

  #sweep(): void {
    for (const entry of this.#held.values()) this.release(entry, 0);
  }
}

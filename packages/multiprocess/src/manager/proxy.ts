/** Proxies: objects here that stand for objects in a manager. */
import { inspect } from 'node:util';
import { MultiprocessError } from '../errors.ts';
import type { ProxyClass } from './registry.ts';

/** What a proxy stands for, and how it is reached. */
export interface Referent {
  /** Names the manager. */
  readonly manager: string;
  /** Names the object there. */
  readonly ident: string;
  readonly typeid: string;
  /** What can be called. */
  readonly methods: readonly string[];
  /** The object itself: in the manager's own process. */
  readonly object?: unknown;
  call(method: string, args: readonly unknown[]): Promise<unknown>;
  callSync(method: string, args: readonly unknown[]): unknown;
  /** This proxy is not needed any more. */
  release(): void;
}

const referents = new WeakMap<BaseProxy, Referent>();
const forgotten = new FinalizationRegistry<Referent>((referent) => referent.release());

/**
 * Base class of proxies. Proxies can be sent to other processes, stored in other objects of the manager, and compared with
 * `sameReferent()`. The object lives as long as anybody has a proxy for it.
 *
 * @example
 * class CounterProxy extends BaseProxy {
 *   async double() { return 2 * (await this.callMethod('get') as number); }
 * }
 * MyManager.register('Counter', Counter, { proxyType: CounterProxy });
 */
export class BaseProxy implements Disposable {
  /** @internal */
  constructor(referent: Referent) {
    referents.set(this, referent);
    forgotten.register(this, referent, this);
  }

  /**
   * Calls a method of the object. Rejects with what it throws, with both stacks; with `ERR_MP_INVALID_ARG` when it is not
   * exposed, `ERR_MP_PEER_GONE` when the manager has ended, `ERR_MP_CAPTURE` for arguments that cannot be sent, `ERR_MP_CANCELLED`
   * by a `signal` in the last argument, and `ERR_MP_CLOSED` once the proxy was disposed of.
   */
  async callMethod(name: string, args: readonly unknown[] = []): Promise<unknown> {
    return open(this).call(name, args);
  }

  /** As {@link callMethod}, blocking this thread. */
  callMethodSync(name: string, args: readonly unknown[] = []): unknown {
    return open(this).callSync(name, args);
  }

  /** Lets go of the object: the proxy is of no use any more. Forgotten proxies do so when they are collected. */
  [Symbol.dispose](): void {
    const referent = referents.get(this);
    if (!referent) return;
    referents.delete(this);
    forgotten.unregister(this);
    referent.release();
  }

  toString(): string {
    const { typeid, ident } = referents.get(this) ?? { typeid: 'nothing', ident: 'closed' };
    return `<${this.constructor.name} for ${typeid} ${ident}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Whether two proxies stand for the same object. */
export function sameReferent(one: BaseProxy, other: BaseProxy): boolean {
  const [a, b] = [open(one), open(other)];
  return a.manager === b.manager && a.ident === b.ident;
}

/** Throws `ERR_MP_CLOSED`. */
export function open(proxy: BaseProxy): Referent {
  const referent = referents.get(proxy);
  if (referent) return referent;
  throw new MultiprocessError('ERR_MP_CLOSED', 'proxy is closed');
}

/** In the manager: the object that a proxy stands for. Anything else: itself. */
export function referentOf(value: unknown): unknown {
  if (!(value instanceof BaseProxy)) return value;
  const referent = open(value);
  return 'object' in referent ? referent.object : value;
}

const generated = new WeakMap<ProxyClass, Map<string, ProxyClass>>();

/** A class with a method, and a `…Sync` twin, for each name; the same for the same names. What `Base` has stays. */
export function proxyClass(typeid: string, names: readonly string[], Base: ProxyClass = BaseProxy): ProxyClass {
  const known = generated.get(Base) ?? new Map<string, ProxyClass>();
  generated.set(Base, known);
  const key = `${typeid}\n${names.join()}`;
  let Class = known.get(key);
  if (Class) return Class;
  Class = class extends Base {};
  Object.defineProperty(Class, 'name', { value: Base === BaseProxy ? `${typeid}Proxy` : Base.name });
  addMethods(Class, names);
  known.set(key, Class);
  return Class;
}

/** Adds what is not there yet. */
function addMethods(Class: ProxyClass, names: readonly string[]): void {
  const { prototype } = Class;
  const define = (name: string, value: Function) => {
    if (!(name in prototype) || Object.hasOwn(Object.prototype, name)) {
      Object.defineProperty(prototype, name, { value, configurable: true });
    }
  };
  for (const name of names) {
    define(name, function (this: BaseProxy, ...args: unknown[]) {
      return this.callMethod(name, args);
    });
    define(`${name}Sync`, function (this: BaseProxy, ...args: unknown[]) {
      return this.callMethodSync(name, args);
    });
  }
}

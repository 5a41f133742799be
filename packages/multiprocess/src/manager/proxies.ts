/** Proxies of the types that every `Manager()` has, as far as they do more than to call. */
import { MultiprocessError } from '../errors.ts';
import { type WaitOptions, waitOptions } from '../timeout.ts';
import { BaseProxy } from './proxy.ts';

/** How many items an iteration fetches at once. */
const CHUNK = 256;

/** For `for await (const [key, value] of dict)`: the entries as they were when it began. */
export class DictProxyBase extends BaseProxy {
  async *[Symbol.asyncIterator](): AsyncGenerator<[any, any], void, undefined> {
    yield* (await this.callMethod('entries')) as [any, any][];
  }
}

/** For `for await (const item of list)`: by index, so that what is changed or appended meanwhile is seen, item by item or in chunks. */
export class ListProxyBase extends BaseProxy {
  async *[Symbol.asyncIterator](): AsyncGenerator<any, void, undefined> {
    for (let at = 0; ; at += CHUNK) {
      const items = (await this.callMethod('slice', [at, at + CHUNK])) as unknown[];
      yield* items;
      if (items.length < CHUNK) return;
    }
  }
}

export class SetProxyBase extends BaseProxy {
  async *[Symbol.asyncIterator](): AsyncGenerator<any, void, undefined> {
    yield* (await this.callMethod('values')) as unknown[];
  }
}

/** For what generates in the manager: `for await (const item of proxy)`. Several clients may take from one. */
export class IteratorProxy<T = any> extends BaseProxy implements AsyncIterable<T> {
  next(): Promise<IteratorResult<T>> {
    return this.callMethod('next') as Promise<IteratorResult<T>>;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let step = await this.next(); !step.done; step = await this.next()) yield step.value;
  }
}

/** What is acquired until the end of a block. */
export class AcquirerProxyBase extends BaseProxy {
  /** `using held = await lock.hold()`. Rejects with `ERR_MP_TIMEOUT`. */
  async hold(timeout?: number | WaitOptions): Promise<Disposable> {
    if (!(await this.callMethod('acquire', timeout === undefined ? [] : [timeout]))) throw this.#late(timeout);
    return this.#hold();
  }

  holdSync(timeout?: number | WaitOptions): Disposable {
    if (!this.callMethodSync('acquire', timeout === undefined ? [] : [timeout])) throw this.#late(timeout);
    return this.#hold();
  }

  #hold(): Disposable {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.callMethodSync('release'); // whoever looks next must find it free
      },
    };
  }

  #late(timeout: number | WaitOptions | undefined): MultiprocessError {
    const { timeout: limit } = waitOptions(timeout);
    return new MultiprocessError('ERR_MP_TIMEOUT', `${this.constructor.name} could not be acquired within ${limit} ms`);
  }
}

export class ConditionProxyBase extends AcquirerProxyBase {
  /** Waits until `predicate`, which is called here with the lock held, returns something truthy; resolves with what it returned last. */
  async waitFor<T>(predicate: () => T | Promise<T>, timeout?: number): Promise<T> {
    const deadline = performance.now() + (timeout ?? Infinity);
    for (;;) {
      const result = await predicate();
      const left = deadline - performance.now();
      if (result || left <= 0) return result;
      await this.callMethod('wait', left === Infinity ? [] : [left]);
    }
  }

  waitForSync<T>(predicate: () => T, timeout?: number): T {
    const deadline = performance.now() + (timeout ?? Infinity);
    for (;;) {
      const result = predicate();
      const left = deadline - performance.now();
      if (result || left <= 0) return result;
      this.callMethodSync('wait', left === Infinity ? [] : [left]);
    }
  }
}

export class ValueProxyBase extends BaseProxy {
  /** `await v.value`; `v.value = 3` blocks until it is set. */
  get value(): any {
    return this.callMethod('get');
  }
  set value(value: unknown) {
    this.callMethodSync('set', [value]);
  }
}

export class PoolProxyBase extends BaseProxy {
  /** Finishes what was given to it, then ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.callMethod('close');
    await this.callMethod('join');
    this[Symbol.dispose]();
  }
}

/**
 * `await ns.x` reads, and `ns.x = 1` writes, which blocks until it is done. Values do not hide methods of their names; `get` and `set`
 * reach them.
 */
export class NamespaceProxyBase extends BaseProxy {
  static {
    // Asked for what nothing before it in the chain has: a namespace itself is no Proxy, and so can be sent.
    const values = new Proxy(Object.create(BaseProxy.prototype) as object, {
      get(target, name, receiver) {
        if (typeof name !== 'string' || name === 'then' || name in target) return Reflect.get(target, name, receiver);
        return (receiver as BaseProxy).callMethod('get', [name]);
      },
      set(target, name, value, receiver) {
        if (typeof name !== 'string' || name === 'then' || name in target) return false;
        (receiver as BaseProxy).callMethodSync('set', [name, value]);
        return true;
      },
    });
    Object.setPrototypeOf(NamespaceProxyBase.prototype, values);
  }
}

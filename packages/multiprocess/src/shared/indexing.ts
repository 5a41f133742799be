/**
 * `array[i]` for objects with `get(i)` and `set(i, value)`.
 *
 * Not the object is a Proxy, but the end of its prototype chain: what the object and its classes have is found before the
 * Proxy is asked. So methods cost what they always do, private fields work, and only indexes pay for the trap (some
 * 0.3 us: loops use the typed array).
 */

interface Indexed {
  get(index: number): unknown;
  set(index: number, value: unknown): void;
}

const end = new Proxy(Object.create(Object.prototype), {
  get: (target, key, receiver: Indexed) =>
    isIndex(key) ? receiver.get(Number(key)) : Reflect.get(target, key, receiver),
  set(target, key, value, receiver: Indexed) {
    if (!isIndex(key)) return Reflect.set(target, key, value, receiver);
    receiver.set(Number(key), value);
    return true;
  },
});

/** Gives instances of a class, which inherits from none, indexes. */
export function makeIndexed(Class: { readonly prototype: Indexed }): void {
  Object.setPrototypeOf(Class.prototype, end);
}

/** Any number is: that it is none of the array's is for `get` and `set` to say. */
function isIndex(key: string | symbol): key is string {
  return typeof key === 'string' && /^-?\d/.test(key) && String(Number(key)) === key;
}

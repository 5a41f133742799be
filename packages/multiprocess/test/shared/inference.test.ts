/** What TypeScript knows of shared values. It only has to compile: `npm run typecheck`. */
import { test } from 'node:test';
import { Condition, Lock, RawArray, RawValue, type RLock, SharedArray, struct, Value } from 'multiprocess';

/** Never called. */
export function compiles(): void {
  const n: number = new Value('i', 7).value;
  const b: bigint = new RawValue('q', 7n).value;
  const flag: boolean = new Value('?', true).value;
  const text: string = new RawValue('c').value;
  const doubles: Float64Array = new RawArray('d', 3).array;
  const longs: BigInt64Array = new SharedArray('i64', [1n, 2]).array;
  const bytes: Uint8Array = new SharedArray('c', 'hello').array;
  const big: bigint = new Value('u64').add(1);
  const rlock: RLock = new Value('i').getLock();
  const lock: Lock = new Value('i', 0, { lock: new Lock() }).getLock();
  new Condition(new Value('i', 0, { lock: true }).getLock());

  const Inner = struct({ a: 'u8' });
  const Outer = struct({ x: 'f64', n: 'i32', id: 'i64', inner: Inner });
  const value = new Value(Outer, { x: 1, n: 2, id: 3, inner: { a: 4 } });
  const now: { x: number; n: number; id: bigint; inner: { a: number } } = value.value;
  value.value.inner.a = 5;
  value.update((old) => ({ ...old, x: old.x + 1 }));
  const first: number = new RawArray(Outer, 2)[0]!.inner.a;

  // @ts-expect-error no such type
  new Value('int');
  // @ts-expect-error a number
  new Value('i', '7');
  // @ts-expect-error a bigint is too wide
  new Value('i32', 7n);
  // @ts-expect-error flags cannot be added
  new Value('bool').add(1);
  // @ts-expect-error nor structs
  value.add(1);
  // @ts-expect-error a field is missing
  value.value = { x: 1, n: 2, id: 3n };
  // @ts-expect-error numbers have no text
  new RawArray('i', 3).value = 'text';
  // @ts-expect-error no such option
  new Value('i', 0, { look: true });
  // @ts-expect-error not a lock
  new SharedArray('i', 3, { lock: 3 });
  void [n, b, flag, text, doubles, longs, bytes, big, rlock, lock, now, first];
}

test('types are checked by the compiler', () => {});

/** What Python's proxies call the usual types: its names, arguments, exceptions, and seconds. */

import { PythonError, Slice } from './python-protocol.ts';
import type { PythonMethods } from './registry.ts';
import type { ManagedBarrier } from './types/barrier.ts';
import type { ManagedDict } from './types/dict.ts';
import type { ManagedIterator } from './types/iterator.ts';
import type { ManagedList } from './types/list.ts';
import type { ManagedQueue } from './types/queue.ts';
import type { ManagedNamespace } from './types/values.ts';

/** Seconds, or none, as ms. */
const ms = (seconds: unknown): number | undefined => (typeof seconds === 'number' ? seconds * 1000 : undefined);

/** `(block, timeout)` as ms. */
const limit = (block: unknown, timeout: unknown): number | undefined => (block === false ? 0 : ms(timeout));

const queue: PythonMethods = {
  put: (q: ManagedQueue, [item, block, timeout], k) =>
    q.put(k.item ?? item, limit(block ?? k.block, timeout ?? k.timeout)),
  put_nowait: (q: ManagedQueue, [item]) => q.putNowait(item),
  get: (q: ManagedQueue, [block, timeout], k) => q.get(limit(block ?? k.block, timeout ?? k.timeout)),
  get_nowait: (q: ManagedQueue) => q.getNowait(),
  qsize: (q: ManagedQueue) => q.size(),
  empty: (q: ManagedQueue) => q.isEmpty(),
  full: (q: ManagedQueue) => q.isFull(),
};

const acquirer: PythonMethods = {
  acquire: (lock, [block, timeout], k) => lock.acquire(limit(block ?? k.blocking ?? k.block, timeout ?? k.timeout)),
};

const waiting: PythonMethods = { wait: (object, [timeout], k) => object.wait(ms(timeout ?? k.timeout)) };

const barrierProperties: Record<string, (barrier: ManagedBarrier) => unknown> = {
  parties: (barrier) => barrier.parties(),
  n_waiting: (barrier) => barrier.nWaiting(),
  broken: (barrier) => barrier.broken(),
};

const items: PythonMethods = {
  __len__: (list: ManagedList) => list.length(),
  __getitem__: (list: ManagedList, [at]) =>
    at instanceof Slice ? list.slice(at.from ?? undefined, at.to ?? undefined) : list.get(inRange(list, at)),
  __setitem__: (list: ManagedList, [at, value]) => list.set(inRange(list, at), value),
  __contains__: (list: ManagedList, [value]) => list.copy().includes(value),
};

const list: PythonMethods = {
  ...items,
  __contains__: (l: ManagedList, [value]) => l.includes(value),
  __delitem__: (l: ManagedList, [at]) => void l.pop(inRange(l, at)),
  __add__: (l: ManagedList, [other]) => [...l.copy(), ...other],
  __mul__: (l: ManagedList, [n]) => Array.from({ length: n }, () => l.copy()).flat(),
  __rmul__: (l: ManagedList, [n]) => Array.from({ length: n }, () => l.copy()).flat(),
  __iter__: (l: ManagedList) => l.copy(),
  __reversed__: (l: ManagedList) => l.copy().reverse(),
  pop: (l: ManagedList, [at = -1]) => {
    if (l.length() === 0) throw new PythonError('IndexError', 'pop from empty list');
    return l.pop(inRange(l, at));
  },
  remove: (l: ManagedList, [value]) => {
    if (!l.remove(value)) throw new PythonError('ValueError', 'list.remove(x): x not in list');
  },
  index: (l: ManagedList, [value]) => {
    const at = l.index(value);
    if (at < 0) throw new PythonError('ValueError', 'list.index(x): x not in list');
    return at;
  },
  sort: (l: ManagedList, _args, { reverse }) => {
    l.sort();
    if (reverse === true) l.reverse();
  },
};

const dict: PythonMethods = {
  __contains__: (d: ManagedDict, [key]) => d.has(key),
  __getitem__: (d: ManagedDict, [key]) => d.get(present(d, key)),
  __setitem__: (d: ManagedDict, [key, value]) => d.set(key, value),
  __delitem__: (d: ManagedDict, [key]) => void d.delete(present(d, key)),
  __len__: (d: ManagedDict) => d.size(),
  __iter__: (d: ManagedDict) => d.keys(),
  get: (d: ManagedDict, [key, otherwise = null]) => d.get(key, otherwise),
  items: (d: ManagedDict) => d.entries(),
  pop: (d: ManagedDict, [key, ...otherwise]) =>
    otherwise.length > 0 ? d.pop(key, otherwise[0]) : d.pop(present(d, key)),
  popitem: (d: ManagedDict) => {
    const pair = d.popitem();
    if (!pair) throw new PythonError('KeyError', 'popitem(): dictionary is empty');
    return pair;
  },
  setdefault: (d: ManagedDict, [key, value = null]) => d.setdefault(key, value),
  update: (d: ManagedDict, [entries], kwargs) => {
    if (entries !== undefined) d.update(entries);
    d.update(kwargs);
  },
};

const namespace: PythonMethods = {
  __getattribute__: (n: ManagedNamespace, [name]) => {
    if (!n.has(name)) throw new PythonError('AttributeError', `'Namespace' object has no attribute '${name}'`);
    return n.get(name);
  },
  __setattr__: (n: ManagedNamespace, [name, value]) => n.set(name, value),
  __delattr__: (n: ManagedNamespace, [name]) => {
    if (!n.delete(name)) throw new PythonError('AttributeError', name);
  },
};

export const pythonMethods: Readonly<Record<string, PythonMethods>> = {
  dict,
  list,
  Array: items,
  Namespace: namespace,
  Queue: queue,
  JoinableQueue: { ...queue, join: (q) => q.join() },
  Lock: acquirer,
  RLock: acquirer,
  Semaphore: acquirer,
  BoundedSemaphore: acquirer,
  Condition: { ...acquirer, ...waiting },
  Event: waiting,
  Barrier: { ...waiting, __getattribute__: (barrier, [name]) => barrierProperties[name]?.(barrier) },
  set: {
    __len__: (s) => s.size(),
    __contains__: (s, [value]) => s.has(value),
    remove: (s, [value]) => void s.delete(value),
  },
  Iterator: {
    __iter__: (iterator) => iterator,
    __next__: async (iterator: ManagedIterator) => {
      const { value, done } = await iterator.next();
      if (done) throw new PythonError('StopIteration');
      return value;
    },
  },
};

function inRange(list: ManagedList, at: unknown): number {
  const length = list.length();
  if (!Number.isInteger(at)) throw new PythonError('TypeError', 'list indices must be integers or slices');
  if ((at as number) >= length || (at as number) < -length)
    throw new PythonError('IndexError', 'list index out of range');
  return at as number;
}

function present(dict: ManagedDict, key: unknown): unknown {
  if (!dict.has(key)) throw new PythonError('KeyError', key);
  return key;
}

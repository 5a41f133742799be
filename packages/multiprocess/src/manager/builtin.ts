/** The types that every `Manager()` has. */

import { MultiprocessError } from '../errors.ts';
import { Pool, type PoolOptions } from '../pool/index.ts';
import { registerKnown } from '../transport/index.ts';
import {
  AcquirerProxyBase,
  ConditionProxyBase,
  DictProxyBase,
  IteratorProxy,
  ListProxyBase,
  NamespaceProxyBase,
  PoolProxyBase,
  SetProxyBase,
  ValueProxyBase,
} from './proxies.ts';
import { BaseProxy, proxyClass } from './proxy.ts';
import { pythonMethods } from './python-methods.ts';
import type { Callable, ProxyClass, TypeSpec } from './registry.ts';
import { ManagedBarrier } from './types/barrier.ts';
import { ManagedCondition } from './types/condition.ts';
import { ManagedDict } from './types/dict.ts';
import { ManagedEvent } from './types/event.ts';
import { ManagedIterator } from './types/iterator.ts';
import { ManagedList } from './types/list.ts';
import { ManagedLock, ManagedRLock } from './types/lock.ts';
import { ManagedJoinableQueue, ManagedQueue } from './types/queue.ts';
import { ManagedBoundedSemaphore, ManagedSemaphore } from './types/semaphore.ts';
import { ManagedSet } from './types/set.ts';
import { ManagedArray, ManagedNamespace, ManagedValue } from './types/values.ts';

const POOL_METHODS = [
  'apply',
  'map',
  'starmap',
  'applyAsync',
  'mapAsync',
  'starmapAsync',
  'imap',
  'imapUnordered',
  'close',
  'terminate',
  'join',
  'stats',
];
const RESULT_METHODS = ['get', 'wait', 'ready', 'successful'];

/** Methods of a class that clients may call. */
function membersOf(Class: Callable): string[] {
  const names = new Set<string>();
  for (let p = Class.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    for (const name of Object.getOwnPropertyNames(p)) names.add(name);
  }
  return [...names].filter(
    (name) => !['constructor', 'abandon', 'begin', 'wasPut', 'dropped'].includes(name) && !name.startsWith('_'),
  );
}

function type(
  typeid: string,
  callable: Callable,
  Base: ProxyClass = BaseProxy,
  spec: Partial<TypeSpec> = {},
): [string, TypeSpec] {
  const exposed = spec.exposed ?? membersOf(callable);
  return [
    typeid,
    {
      callable,
      exposed,
      proxyType: proxyClass(typeid, exposed, named(typeid, Base)),
      python: pythonMethods[typeid],
      ...spec,
    },
  ];
}

/** The class under the name that users see. */
function named(typeid: string, Base: ProxyClass): ProxyClass {
  const Class = class extends Base {};
  Object.defineProperty(Class, 'name', { value: `${typeid[0]!.toUpperCase()}${typeid.slice(1)}Proxy` });
  return Class;
}

const notCreated = (typeid: string) => () => {
  throw new MultiprocessError('ERR_MP_INVALID_ARG', `a ${typeid} is made by methods of other objects only`);
};

export const builtinTypes: ReadonlyMap<string, TypeSpec> = new Map([
  type('dict', ManagedDict, DictProxyBase),
  type('list', ManagedList, ListProxyBase),
  type('set', ManagedSet, SetProxyBase),
  type('Namespace', ManagedNamespace, NamespaceProxyBase),
  type('Value', ManagedValue, ValueProxyBase),
  type('Array', ManagedArray, ListProxyBase),
  type('Queue', ManagedQueue),
  type('JoinableQueue', ManagedJoinableQueue),
  type('Lock', ManagedLock, AcquirerProxyBase),
  type('RLock', ManagedRLock, AcquirerProxyBase),
  type('Semaphore', ManagedSemaphore, AcquirerProxyBase),
  type('BoundedSemaphore', ManagedBoundedSemaphore, AcquirerProxyBase),
  type('Condition', ManagedCondition, ConditionProxyBase),
  type('Event', ManagedEvent),
  type('Barrier', ManagedBarrier),
  type('Pool', (processes?: number, options?: PoolOptions<any>) => new Pool(processes, options), PoolProxyBase, {
    exposed: POOL_METHODS,
    methodToTypeid: {
      applyAsync: 'AsyncResult',
      mapAsync: 'AsyncResult',
      starmapAsync: 'AsyncResult',
      imap: 'Iterator',
      imapUnordered: 'Iterator',
    },
  }),
  [
    'Iterator',
    {
      callable: ManagedIterator,
      exposed: ['next', 'return'],
      proxyType: IteratorProxy,
      python: pythonMethods.Iterator,
      createMethod: false,
    },
  ],
  type('AsyncResult', notCreated('AsyncResult'), BaseProxy, { exposed: RESULT_METHODS, createMethod: false }),
]);

// A class of managers carries its types with it when it is sent: those that everybody has go by name.
for (const [typeid, spec] of builtinTypes) registerKnown(`manager type ${typeid}`, spec);

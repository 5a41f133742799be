/** Contexts: the whole API, bound to one start method. */
import { MultiprocessError } from './errors.ts';
import { asCompleted, Future, waitFutures } from './futures/index.ts';
import {
  BaseManager,
  BaseProxy,
  IteratorProxy,
  Manager,
  type ManagerOptions,
  SharedMemoryManager,
  SyncManager,
  sameReferent,
} from './manager/index.ts';
import {
  AsyncResult,
  getReusableExecutor,
  Pool,
  type PoolOptions,
  ProcessPoolExecutor,
  reportProgress,
  ThreadPool,
  ThreadPoolExecutor,
  taskSignal,
} from './pool/index.ts';
import * as processes from './process/index.ts';
import { checkStartMethod, type getStartMethod, type StartMethod, type setStartMethod } from './process/index.ts';
import { JoinableQueue, Pipe, Queue, SimpleQueue } from './queue/index.ts';
import * as shared from './shared/index.ts';
import * as sync from './sync/index.ts';
import { currentThread } from './threading/index.ts';
import { activeDummies, DummyProcess } from './threading/internal.ts';
import { dumps, loads } from './transport/index.ts';

/**
 * The API whose processes and pools start by one method, whatever the program's default is.
 *
 * `getStartMethod()` names it; `setStartMethod()` throws `ERR_MP_INVALID_ARG`, but in the default context.
 */
export type Context = typeof processes &
  typeof sync &
  typeof shared &
  typeof queues &
  typeof futures & {
    Pool: typeof Pool;
    Manager: typeof Manager;
    BaseManager: typeof BaseManager;
    SyncManager: typeof SyncManager;
    SharedMemoryManager: typeof SharedMemoryManager;
    BaseProxy: typeof BaseProxy;
    IteratorProxy: typeof IteratorProxy;
    sameReferent: typeof sameReferent;
    ThreadPool: typeof ThreadPool;
    ProcessPoolExecutor: typeof ProcessPoolExecutor;
    getContext: typeof getContext;
    dumps: typeof dumps;
    loads: typeof loads;
  };

const managers = { Manager, BaseManager, SyncManager, SharedMemoryManager, BaseProxy, IteratorProxy, sameReferent };
const queues = { JoinableQueue, Pipe, Queue, SimpleQueue };
const futures = {
  AsyncResult,
  asCompleted,
  Future,
  getReusableExecutor,
  reportProgress,
  ThreadPoolExecutor,
  taskSignal,
  waitFutures,
};
const contexts = new Map<StartMethod | 'thread', Context>();

/**
 * The API bound to `method`; without one, the API that follows the program's default. Of 'thread' all of it runs on threads, as
 * Python's `multiprocessing.dummy`: its processes are threads with the properties of a process, its pools have threads.
 *
 * Asking for a context does not fix the default. Throws `ERR_MP_INVALID_ARG` for an unknown method.
 *
 * @example
 * const mp = getContext('spawn');
 * new mp.Process({ target: work }).start();
 */
export function getContext(method?: StartMethod | 'thread'): Context {
  if (method === undefined)
    return {
      ...processes,
      ...sync,
      ...shared,
      ...queues,
      ...futures,
      ...managers,
      Pool,
      ThreadPool,
      ProcessPoolExecutor,
      getContext,
      dumps,
      loads,
    };
  if (method !== 'thread') checkStartMethod(method);
  const context = contexts.get(method) ?? (method === 'thread' ? bindThreads() : bind(method));
  contexts.set(method, context);
  return context;
}

function bind(method: StartMethod): Context {
  const { Process } =
    method === 'spawn' ? { Process: processes.SpawnProcess } : { Process: processes.ForkServerProcess };
  return {
    ...processes,
    ...sync,
    ...shared,
    ...queues,
    ...futures,
    ...managersWith(Process as unknown as typeof processes.Process),
    Process: Process as unknown as typeof processes.Process,
    Pool: poolWith(Process as unknown as typeof processes.Process),
    getStartMethod: (() => method) as typeof getStartMethod,
    setStartMethod: (() => {
      throw new MultiprocessError('ERR_MP_INVALID_ARG', 'cannot set start method of concrete context');
    }) as typeof setStartMethod,
    ThreadPool,
    ProcessPoolExecutor: executorWith(Process as unknown as typeof processes.Process),
    getContext,
    dumps,
    loads,
  };
}

function bindThreads(): Context {
  return {
    ...bind('spawn'),
    Process: DummyProcess as unknown as typeof processes.Process,
    currentProcess: currentThread as unknown as typeof processes.currentProcess,
    activeChildren: activeDummies as unknown as typeof processes.activeChildren,
    Pool: ThreadPool as unknown as typeof Pool,
    ProcessPoolExecutor: ThreadPoolExecutor as unknown as typeof ProcessPoolExecutor,
    getStartMethod: (() => 'thread') as unknown as typeof getStartMethod,
  };
}

function poolWith(Process: typeof processes.Process): typeof Pool {
  const Bound = class extends Pool {
    constructor(size?: number | null, options?: PoolOptions<any>) {
      super(size, { context: { Process }, ...options });
    }
  };
  Object.defineProperty(Bound, 'name', { value: 'Pool' });
  return Bound;
}

/** Managers whose processes start by that method, unless their options say something else. */
function managersWith(Process: typeof processes.Process): typeof managers {
  const context = { Process };
  const bind = <C extends typeof BaseManager | typeof SyncManager | typeof SharedMemoryManager>(Class: C): C => {
    const Bound = class extends (Class as unknown as typeof BaseManager) {
      constructor(options: ManagerOptions = {}) {
        super({ context, ...options });
      }
    };
    Object.defineProperty(Bound, 'name', { value: Class.name });
    return Bound as unknown as C;
  };
  return {
    ...managers,
    BaseManager: bind(BaseManager),
    SyncManager: bind(SyncManager),
    SharedMemoryManager: bind(SharedMemoryManager),
    Manager: (options) => Manager({ context, ...options }),
  };
}

function executorWith(Process: typeof processes.Process): typeof ProcessPoolExecutor {
  const Bound = class extends ProcessPoolExecutor {
    constructor(options: ConstructorParameters<typeof ProcessPoolExecutor>[0] = {}) {
      super({ context: { Process }, ...options });
    }
  };
  Object.defineProperty(Bound, 'name', { value: 'ProcessPoolExecutor' });
  return Bound;
}

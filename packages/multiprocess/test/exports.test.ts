/** The public surface changes only on purpose. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as mp from 'multiprocess';
import * as net from 'multiprocess/net';
import * as threading from 'multiprocess/threading';

const NAMES = [
  'ALL_COMPLETED',
  'AsyncResult',
  'Barrier',
  'BaseManager',
  'BaseProxy',
  'BoundedSemaphore',
  'BrokenBarrierError',
  'BufferTooShortError',
  'CODES',
  'Condition',
  'Connection',
  'DeadlockError',
  'Event',
  'FIRST_COMPLETED',
  'FIRST_EXCEPTION',
  'Future',
  'IteratorProxy',
  'JoinableQueue',
  'Lock',
  'Manager',
  'MultiprocessError',
  'Pipe',
  'PipeConnection',
  'Pool',
  'Process',
  'ProcessPoolExecutor',
  'Queue',
  'RLock',
  'RawArray',
  'RawValue',
  'Semaphore',
  'ShareableList',
  'SharedArray',
  'SharedMemory',
  'SharedMemoryManager',
  'SimpleQueue',
  'SyncManager',
  'ThreadPool',
  'ThreadPoolExecutor',
  'Value',
  'WorkerDiedError',
  'activeChildren',
  'asCompleted',
  'cpuCount',
  'currentProcess',
  'dumps',
  'ensureForkserver',
  'getAllStartMethods',
  'getContext',
  'getReusableExecutor',
  'getStartMethod',
  'isMainProcess',
  'loads',
  'parentProcess',
  'processCpuCount',
  'reportProgress',
  'sameReferent',
  'setExecutable',
  'setForkserverPreload',
  'setStartMethod',
  'struct',
  'taskSignal',
  'wait',
  'waitFutures',
  'waitSync',
];

test('multiprocess exports exactly these names', () => {
  assert.deepEqual(Object.keys(mp).sort(), NAMES);
});

test('multiprocess/threading exports exactly these names', () => {
  assert.deepEqual(Object.keys(threading).sort(), [
    'Barrier',
    'BoundedSemaphore',
    'BrokenBarrierError',
    'Condition',
    'Event',
    'Lock',
    'RLock',
    'Semaphore',
    'Thread',
    'Timer',
    'activeCount',
    'currentThread',
    'enumerate',
    'getIdent',
    'getNativeId',
    'local',
    'mainThread',
  ]);
});

test('multiprocess/net exports exactly these names', () => {
  assert.deepEqual(Object.keys(net).sort(), ['forkServer', 'preforkServer']);
});

/** What does not depend on a start method, and what contexts do not bind yet. */
const NOT_IN_CONTEXTS = [
  'ALL_COMPLETED',
  'BufferTooShortError',
  'CODES',
  'Connection',
  'FIRST_COMPLETED',
  'FIRST_EXCEPTION',
  'MultiprocessError',
  'PipeConnection',
  'WorkerDiedError',
  'Pool',
];

test('a context carries the same API', () => {
  const ofModule = Object.keys(mp).filter((name) => !NOT_IN_CONTEXTS.includes(name));
  for (const method of [...mp.getAllStartMethods(), 'thread'] as const) {
    const context = mp.getContext(method) as unknown as Record<string, unknown>;
    assert.deepEqual(
      ofModule.filter((name) => !(name in context)),
      [],
      method,
    );
  }
});

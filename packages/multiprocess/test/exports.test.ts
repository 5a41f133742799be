/** The public surface changes only on purpose. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as mp from 'multiprocess';
import * as net from 'multiprocess/net';

const NAMES = [
  'Barrier',
  'BoundedSemaphore',
  'BrokenBarrierError',
  'CODES',
  'Condition',
  'DeadlockError',
  'Event',
  'Lock',
  'MultiprocessError',
  'Pool',
  'Process',
  'RLock',
  'RawArray',
  'RawValue',
  'Semaphore',
  'ShareableList',
  'SharedArray',
  'SharedMemory',
  'Value',
  'WorkerDiedError',
  'activeChildren',
  'cpuCount',
  'currentProcess',
  'dumps',
  'getAllStartMethods',
  'getContext',
  'getStartMethod',
  'isMainProcess',
  'loads',
  'parentProcess',
  'processCpuCount',
  'setExecutable',
  'setForkserverPreload',
  'setStartMethod',
  'struct',
  'wait',
  'waitSync',
];

test('multiprocess exports exactly these names', () => {
  assert.deepEqual(Object.keys(mp).sort(), NAMES);
});

test('multiprocess/net exports exactly these names', () => {
  assert.deepEqual(Object.keys(net).sort(), ['forkServer', 'preforkServer']);
});

/** What does not depend on a start method, and what contexts do not bind yet. */
const NOT_IN_CONTEXTS = ['CODES', 'MultiprocessError', 'WorkerDiedError', 'Pool'];

test('a context carries the same API', () => {
  const ofModule = Object.keys(mp).filter((name) => !NOT_IN_CONTEXTS.includes(name));
  for (const method of mp.getAllStartMethods()) {
    const context = mp.getContext(method) as unknown as Record<string, unknown>;
    assert.deepEqual(
      ofModule.filter((name) => !(name in context)),
      [],
      method,
    );
  }
});

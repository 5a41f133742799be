/** The public surface changes only on purpose. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as mp from 'multiprocess';

const PROCESSES = [
  'CODES',
  'MultiprocessError',
  'Process',
  'activeChildren',
  'cpuCount',
  'currentProcess',
  'getAllStartMethods',
  'getContext',
  'getStartMethod',
  'isMainProcess',
  'parentProcess',
  'processCpuCount',
  'setExecutable',
  'setForkserverPreload',
  'setStartMethod',
  'wait',
  'waitSync',
];

test('multiprocess exports exactly these names', () => {
  assert.deepEqual(Object.keys(mp).sort(), PROCESSES);
});

test('a context carries the same API', () => {
  const ofModule = Object.keys(mp).filter((name) => !['CODES', 'MultiprocessError'].includes(name));
  for (const method of mp.getAllStartMethods()) {
    const context = mp.getContext(method) as unknown as Record<string, unknown>;
    assert.deepEqual(
      ofModule.filter((name) => !(name in context)),
      [],
      method,
    );
  }
});

/** What others see of an object: who holds it, and how it is printed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from 'multiprocess';
import { crew, onEachWay, start } from './crew.ts';

test('printed as Python prints them', () => {
  const objects = [
    new Lock(),
    new RLock(),
    new Semaphore(3),
    new BoundedSemaphore(2),
    new Condition(),
    new Event(),
    new Barrier(2),
  ];
  assert.deepEqual(objects.map(String), [
    'Lock(owner=None)',
    'RLock(owner=None, count=0)',
    'Semaphore(value=3)',
    'BoundedSemaphore(value=2, maxvalue=2)',
    'Condition(Lock(owner=None), 0)',
    'Event(unset)',
    'Barrier(0/2)',
  ]);
  for (const object of objects) assert.equal(inspect(object), String(object));
  assert.equal(inspect({ deep: { lock: objects[0] } }), '{ deep: { lock: Lock(owner=None) } }');
});

onEachWay('locked() and the owner are seen everywhere', async ({ way, mp }) => {
  const locks = [new mp.Lock(), new mp.RLock()];
  const look = () => locks.map((lock) => [lock.locked(), lock.tryAcquire(), `${lock}`]);
  for (const lock of locks) lock.acquireSync();
  const [seen] = await crew(way, 1, look);
  assert.deepEqual(seen, [
    [true, false, 'Lock(owner=MainProcess)'],
    [true, false, 'RLock(owner=MainProcess, count=1)'],
  ]);
  await start(way, () => locks[0]!.release()).result; // a Lock may be released by anybody
  assert.equal(locks[0]!.locked(), false);
  const release = () => {
    try {
      locks[1]!.release();
      return '';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  assert.equal(await start(way, release).result, 'ERR_MP_NOT_OWNER');
  assert.equal(locks[1]!.locked(), true);
});

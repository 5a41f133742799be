/** CPython: _test_multiprocessing.py, _TestEvent, and lock_tests.py, EventTests. */
import assert from 'node:assert/strict';
import { Event } from 'multiprocess';
import { crew, start } from '../sync/crew.ts';
import { queued } from '../sync/queued.ts';
import { conformsEverywhere, conformsOnce } from './support.ts';

conformsEverywhere('_TestEvent', 'test_event', async ({ way, mp }) => {
  const event = new mp.Event();
  const asked = new mp.Event();
  assert.equal(event.isSet(), false);
  for (const timeout of [0, 100]) {
    const began = performance.now();
    assert.equal(event.waitSync(timeout), false);
    assert.equal(await event.wait(timeout), false);
    assert.ok(performance.now() - began >= 2 * timeout - 2);
  }
  event.set();
  assert.equal(event.isSet(), true);
  for (const timeout of [undefined, 0, 1000]) {
    assert.equal(event.waitSync(timeout), true);
    assert.equal(await event.wait(timeout), true);
  }
  event.clear();
  assert.equal(event.isSet(), false);
  const setter = start(way, () => {
    const got = asked.waitSync(60_000);
    event.set();
    return got;
  });
  const wait = event.wait(60_000);
  asked.set();
  assert.equal(await wait, true);
  assert.equal(await setter.result, true);
});

conformsOnce('_TestEvent', 'test_repr', () => {
  const event = new Event();
  assert.equal(`${event}`, 'Event(unset)');
  event.set();
  assert.equal(`${event}`, 'Event(set)');
  event.clear();
  assert.equal(`${event}`, 'Event(unset)');
});

conformsOnce('EventTests', 'test_is_set', () => {
  const event = new Event();
  const seen = [event.isSet()];
  for (const act of ['set', 'set', 'clear', 'clear'] as const) {
    event[act]();
    seen.push(event.isSet());
  }
  assert.deepEqual(seen, [false, true, true, false, false]);
});

conformsEverywhere('EventTests', 'test_notify', async ({ way, mp }) => {
  const event = new mp.Event();
  const ready = new mp.Semaphore(0);
  for (let round = 0; round < 2; round++) {
    const all = crew(way, 3, async () => {
      ready.release();
      return [event.waitSync(60_000), await event.wait(60_000)];
    });
    for (let i = 0; i < 3; i++) assert.ok(await ready.acquire(60_000));
    event.set();
    assert.deepEqual((await all).flat(), Array(6).fill(true));
    event.clear();
  }
});

conformsEverywhere('EventTests', 'test_timeout', async ({ way, mp }) => {
  const event = new mp.Event();
  const timed = () => {
    const began = performance.now();
    return [event.waitSync(0), event.waitSync(200), performance.now() - began] as const;
  };
  const [none, later, elapsed] = await start(way, timed).result;
  assert.deepEqual([none, later], [false, false]);
  assert.ok(elapsed >= 198, `${elapsed} ms`);
  event.set();
  const [now, again] = await start(way, timed).result;
  assert.deepEqual([now, again], [true, true]);
});

conformsEverywhere('EventTests', 'test_set_and_clear', async ({ way, mp }) => {
  const event = new mp.Event();
  const all = crew(way, 3, () => event.waitSync(60_000));
  await queued(event, 3);
  event.set();
  event.clear();
  assert.deepEqual(await all, [true, true, true]);
});

conformsOnce('EventTests', 'test_repr', () => {
  assert.match(`${new Event()}`, /^Event\(unset\)$/);
});

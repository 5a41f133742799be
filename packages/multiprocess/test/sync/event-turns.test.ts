/** Two events as a conversation: no answer without a question. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, Process } from 'multiprocess';

test('a wait that begins after clear() is not ended by an earlier set()', async () => {
  const [asked, answered] = [new Event(), new Event()];
  const turns = 20_000;
  const child = new Process({
    target: () => {
      for (let i = 0; i < turns; i++) {
        asked.waitSync();
        asked.clear();
        answered.set();
      }
    },
  });
  child.start();
  for (let i = 0; i < turns; i++) {
    asked.set();
    answered.waitSync();
    answered.clear();
    assert.equal(asked.isSet(), false, 'answered before it was asked');
  }
  assert.equal(await child.join(10_000), true, 'one question too few');
});

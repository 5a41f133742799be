import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('daemon.ts', ({ lines }) => {
  const steps = (who: string, from: string[]) => from.filter((line) => new RegExp(`^${who} +\\d+: step`).test(line));
  assert.equal(steps('child', lines).length, 8, 'the plain child does all of its steps');
  assert.ok(steps('daemon', lines).length < 8, 'the daemon does not');
  assert.ok(!lines.some((line) => /^daemon.*done/.test(line)));
  assert.match(lines.at(-1)!, /^child +\d+: done$/);

  const parentIsDone = lines.findIndex((line) => line.startsWith('parent'));
  const afterwards = lines.slice(parentIsDone + 1);
  assert.ok(steps('child', afterwards).length > 0, 'the plain child goes on after its parent');
  assert.ok(steps('daemon', afterwards).length <= 1, 'the daemon does not'); // one may be on its way when the signal is
});

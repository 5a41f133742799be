import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('mixed-letters.ts', ({ stdout }) => {
  const mixedUp = (how: string) => Number(find(stdout, new RegExp(`^${how} +80 letters, (\\d+) mixed up$`, 'm'))[0]);
  assert.ok(mixedUp('pipe, two sends') > 0, stdout);
  find(stdout, /^ {4}one of them: \[\{.*\},\{.*\}\]$/m);
  for (const how of ['pipe, two sends with a lock around them', 'pipe, one send', 'queue, one item']) {
    assert.equal(mixedUp(how), 0, how);
  }
});

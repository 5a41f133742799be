import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('counting-or-waiting.ts', ({ stdout }) => {
  const times = (title: string) => find(stdout, new RegExp(`^${title} +(\\d+) ms +(\\d+) ms$`, 'm')).map(Number);
  const [, oneByOne] = times('one after another');
  const rounding = 10;
  assert.ok(oneByOne! >= 5 * 300 - rounding, 'one after another, the waits add up');
  for (const title of ['one thread, Promise.all', 'threads', 'processes']) {
    const [counting, waiting] = times(title);
    assert.ok(counting! > 0);
    assert.ok(waiting! >= 300 - rounding && waiting! < oneByOne!, `${title}: the waits overlap`);
  }
});

import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('daemon-thread.ts', ({ lines }) => {
  assert.equal(lines[0], 'main: my work is done');
  assert.equal(lines.at(-1), 'main: the program ends; plain false, daemon true');
  assert.equal(lines.filter((line) => /^plain thread: step \d$/.test(line)).length, 8);
  assert.ok(lines.includes('plain thread: done'));
  assert.ok(lines.filter((line) => /^daemon: step \d$/.test(line)).length < 16, 'it had more to do');
});

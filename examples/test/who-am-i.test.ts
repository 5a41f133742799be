import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('who-am-i.ts', ({ lines }) => {
  const [header, main, ...family] = lines.map((line) => line.split(/ {2,}/));
  assert.deepEqual(header, ['WHO', 'NAME', 'PID', "PARENT'S PID", "PARENT'S NAME"]);
  assert.equal(main![1], 'MainProcess');
  assert.deepEqual(
    family.map(([who, name, , , parent]) => [who, name, parent]),
    [
      ['child', 'Process-1', 'MainProcess'],
      ['grandchild', 'Process-1:1', 'Process-1'],
      ['grandchild', 'Process-1:2', 'Process-1'],
      ['child', 'Ada', 'MainProcess'],
      ['grandchild', 'Process-2:1', 'Ada'],
      ['grandchild', 'Process-2:2', 'Ada'],
    ],
  );
  const pids = new Map([main!, ...family].map(([, name, pid]) => [name, pid]));
  assert.equal(new Set(pids.values()).size, 7, 'every process has a pid of its own');
  for (const [, name, , parentPid, parent] of family) assert.equal(parentPid, pids.get(parent), `parent of ${name}`);
});

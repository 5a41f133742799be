import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('threads-or-processes.ts', ({ lines }) => {
  assert.match(lines[0]!, /^ +threads +processes$/);
  const rows = lines.slice(1).map((line) => /^(.{34}) *([\d.]+) +([\d.]+)$/.exec(line)!.slice(1));
  const named = rows.map(([name]) => name!.trimEnd().replace(/\d+/, 'N'));
  assert.deepEqual(named, [
    'the first, start to end, ms',
    'another one, start to end, ms',
    'memory of one more, MB',
    'sums by one, ms',
    'sums by N, ms',
  ]);
  for (const [name, ...figures] of rows) for (const figure of figures) assert.ok(Number(figure) > 0, name);
});

import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('thread-pids.ts', ({ lines }) => {
  const rows = lines.map((line) => /^(\w+) +pid (\d+) +kernel's id (\d+) +(\S+)$/.exec(line)!.slice(1));
  const pids = (who: string) => rows.filter(([kind]) => kind === who).map(([, pid]) => pid);
  const [main] = pids('main');
  assert.deepEqual(pids('thread'), [main, main, main], 'one pid for all threads');
  assert.equal(new Set([main, ...pids('process')]).size, 4, 'a pid for each process');
  for (const [who, pid, id, name] of rows) {
    assert.equal(id === pid, who !== 'thread', 'the first thread of a process has its id');
    assert.match(name!, who === 'thread' ? /^Thread-[123]$/ : /^MainThread$/);
  }
});

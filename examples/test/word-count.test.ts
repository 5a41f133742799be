import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { find, testExample } from './example.ts';

const folder = path.resolve(import.meta.dirname, '../../node_modules');

testExample('word-count.ts', ({ stdout, lines }) => {
  const counts: Record<string, number> = Object.create(null);
  const files = globSync('**/*.md', { cwd: folder });
  for (const file of files) {
    const words =
      readFileSync(path.join(folder, file), 'utf8')
        .toLowerCase()
        .match(/\p{L}+/gu) ?? [];
    for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  }
  const values = Object.values(counts);
  const sum = values.reduce((a, b) => a + b);
  assert.deepEqual(find(stdout, /^(\d+) files, (\d+) words, (\d+) different ones$/m).map(Number), [
    files.length,
    sum,
    values.length,
  ]);
  const highest = values.sort((a, b) => b - a).slice(0, 10);
  assert.deepEqual(
    lines.slice(1).map((line) => Number.parseInt(line, 10)),
    highest,
  );
  for (const line of lines.slice(1)) {
    const [count, word] = line.trim().split('  ') as [string, string];
    assert.equal(counts[word], Number(count));
  }
});

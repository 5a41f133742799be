/** What keeps a fork cheap, and must not be lost unnoticed with a new Node.js: native/process/template_memory.cc. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { inChild } from './support/answer.ts';
import { until } from './support/procfs.ts';

test('a child finds both heaps of the zygote in a file, and V8’s in one place', async () => {
  const moved = await until('the zygote to be warm', async () => {
    const maps = await inChild('forkserver', () => fs.readFileSync('/proc/self/maps', 'latin1'));
    const lines = maps.split('\n').filter((line: string) => line.includes('memfd:mp-template'));
    return lines.length > 0 ? lines : undefined;
  });
  const bytes = moved.map((line: string) => {
    const [, from, to] = /^(\w+)-(\w+)/.exec(line)!;
    return Number.parseInt(to!, 16) - Number.parseInt(from!, 16);
  });
  const total = bytes.reduce((sum: number, size: number) => sum + size, 0);
  assert.ok(total > 10 * 2 ** 20, `${total} bytes moved`);
  assert.ok(moved.length <= 16, `in ${moved.length} mappings:\n${moved.join('\n')}`);
});

test('memory that a child gives back and takes again holds what it should', async () => {
  const work = () => {
    for (let round = 0; round < 20; round++) {
      const objects = Array.from({ length: 20_000 }, (_, i) => ({ round, i, text: `text ${i}` }));
      const zeros = Array.from({ length: 2000 }, (_, i) => new Uint8Array(i));
      if (zeros.some((bytes) => bytes.some((byte) => byte !== 0))) return 'not zero';
      for (const bytes of zeros) bytes.fill(1);
      if (objects.some((object, i) => object.i !== i || object.text !== `text ${i}`)) return 'damaged';
    }
    return 'sound';
  };
  assert.equal(await inChild('forkserver', work), 'sound');
});

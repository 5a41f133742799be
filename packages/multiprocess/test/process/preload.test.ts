/** setForkserverPreload: loaded once, found by all, shared copy-on-write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './support/program.ts';

test('a preload is loaded once, in the zygote, and children find it loaded', async () => {
  const { stdout } = await run('preload-counts.ts');
  assert.equal(stdout, 'loaded in zygote\nchild 1: 41 42\nchild 2: 41 42\n');
});

test('200 MB of a preload are shared: a child has little memory of its own', async () => {
  const { stdout } = await run('share-table.ts');
  const found = JSON.parse(stdout) as { table: number; privateKb: number; totalKb: number }[];
  assert.equal(found.length, 4);
  for (const { table, privateKb, totalKb } of found) {
    assert.equal(table, 200_000_000);
    assert.ok(totalKb > 200_000, `resident ${totalKb} KB`);
    assert.ok(privateKb < 20_000, `private ${privateKb} KB`);
  }
});

test('what a child writes into a preload’s data is its own', async () => {
  const { stdout } = await run('write-to-table.ts');
  assert.equal(stdout, 'first: 7\nsecond: 0\n');
});

test('a preload that prints and buffers does not repeat itself in children', async () => {
  const { stdout } = await run('preload-prints.ts');
  assert.equal(stdout.match(/printed by the preload/g)?.length, 1);
  assert.equal(stdout, 'printed by the preload\nchild\nchild\n');
});

test('a preload that starts reading and a timer has settled before the fork', async () => {
  const { stdout } = await run('preload-settles.ts');
  assert.equal(stdout, 'read: true\nexit code 0\n');
});

test('what a preload changes around itself is not passed on', async () => {
  const { stdout } = await run('preload-moves.ts');
  assert.equal(stdout, 'exit code 0\n');
});

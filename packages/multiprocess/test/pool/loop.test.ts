/** When a worker's thread may sleep instead of its event loop. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Pool } from 'multiprocess';

const LOOP = new URL('../../dist/pool/loop.js', import.meta.url).href;
/** Prints in one line to its standard error what is true before and after each step. */
const PROGRAM = `
  import { createServer } from 'node:net';
  import { isLoopBusy } from '${LOOP}';
  const seen = [];
  const look = () => seen.push(isLoopBusy());
  look();
  console.log('printed');
  look();
  const timer = setTimeout(() => {}, 60_000);
  look();
  clearTimeout(timer);
  look();
  process.stdout._handle?.unref();
  const server = createServer().listen(0, () => {
    look();
    server.close();
  });
  process.on('exit', () => {
    look();
    console.error(JSON.stringify(seen));
  });
`;

for (const stdout of ['pipe', 'ignore'] as const)
  test(`standard streams do not keep a loop busy, timers and servers do (stdout: ${stdout})`, () => {
    const args = ['--input-type=module', '--eval', PROGRAM];
    const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', stdout, 'pipe'] });
    assert.deepEqual(JSON.parse(stderr), [false, false, true, false, true, false]);
  });

test('workers that print are as idle as others', async () => {
  const pool = new Pool(1);
  const look = async (text?: string) => {
    if (text) console.error(text);
    return (await import(LOOP)).isLoopBusy() as boolean;
  };
  assert.equal(await pool.apply(look), false);
  assert.equal(await pool.apply(look, ['a worker prints this']), false);
  await pool.terminate();
});

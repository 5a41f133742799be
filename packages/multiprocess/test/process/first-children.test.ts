/** How soon the first children run. */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { run } from './support/program.ts';

test('the first children are forked before the zygote is warm, at most twice as many as there are processors', async () => {
  const most = 2 * availableParallelism();
  const count = most + 3;
  const { code, stdout } = await run('first-children.ts', { args: [String(count)] });
  assert.equal(code, 0);
  const children = JSON.parse(stdout) as string[];
  const early = children.lastIndexOf('early') + 1;
  assert.ok(early >= 1 && early <= most, stdout);
  assert.deepEqual(children, [...Array(early).fill('early'), ...Array(count - early).fill('warm')]);
});

test('with NODE_COMPILE_CACHE the zygote leaves its compiled code for the next one', async (t) => {
  const cache = mkdtempSync(path.join(tmpdir(), 'mp-compile-cache-'));
  t.after(() => rmSync(cache, { recursive: true }));
  const enough = String(2 * availableParallelism() + 1);
  const filesAfter = async (...preloads: string[]) => {
    await run('first-children.ts', { args: [enough, ...preloads], env: { NODE_COMPILE_CACHE: cache } });
    return globSync(`${cache}/*/*`).length;
  };
  const files = await filesAfter();
  assert.ok(files > 0);
  assert.ok((await filesAfter('preloaded/count.mjs')) > files, 'what only the zygote loads is not there');
});

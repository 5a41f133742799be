import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { onEachNode, pathOf } from './example.ts';

onEachNode('todo.ts', async (binary, env) => {
  const socket = path.join(os.tmpdir(), `mp-todo-${process.pid}.sock`);
  const where = { ...env, TODO_SOCKET: socket };
  const keeper = spawn(binary, [pathOf('todo.ts'), 'keep'], { env: where, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(keeper.stdout, 'data');
  const todo = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(binary, [pathOf('todo.ts'), ...args], { env: where, timeout: 60_000 });
    return stdout;
  };
  assert.equal(await todo('add', 'buy milk'), 'added as 1\n1 [ ] buy milk\n');
  await Promise.all([todo('add', 'a'), todo('add', 'a')]);
  assert.equal(await todo('done', '1'), 'done: buy milk\n1 [x] buy milk\n2 [ ] a\n3 [ ] a\n');
  await assert.rejects(todo('done', '9'), /there is no item 9/);
  keeper.kill('SIGINT');
  const [code] = await once(keeper, 'close');
  assert.equal(code, 0);
});

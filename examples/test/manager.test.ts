import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { find, onEachNode, pathOf } from './example.ts';

onEachNode('manager-server.ts and manager-client.ts', async (binary, env) => {
  const server = spawn(binary, [pathOf('manager-server.ts'), '0', 'a key'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await once(server.stdout, 'data')) as [Buffer];
  const [port] = find(String(first), /port (\d+)/);
  const client = async (key: string, ...words: string[]) => {
    const { stdout } = await promisify(execFile)(binary, [pathOf('manager-client.ts'), port!, key, ...words], {
      env,
      timeout: 60_000,
    });
    return stdout;
  };
  assert.equal(await client('a key', 'hello', 'world', 'hello'), 'hello: 1\nworld: 1\nhello: 2\n');
  assert.equal(await client('a key', 'hello'), 'hello: 3\n');
  await assert.rejects(client('another', 'hello'), /not let in: ERR_MP_AUTH|Command failed/);
  server.kill('SIGINT');
  const [last] = (await once(server.stdout, 'data')) as [Buffer];
  assert.match(String(last), /"hello" was here 3 times/);
  const [code] = server.exitCode === null ? await once(server, 'close') : [server.exitCode];
  assert.equal(code, 0);
});

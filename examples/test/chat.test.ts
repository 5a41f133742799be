import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { onEachNode, pathOf } from './example.ts';

onEachNode('chat-server.ts and chat-client.ts', async (binary, env) => {
  const start = (file: string, ...args: string[]) =>
    spawn(binary, [pathOf(file), ...args], { env, stdio: ['pipe', 'pipe', 'ignore'], timeout: 100_000 });
  const server = start('chat-server.ts');
  const log = printedBy(server);
  const [, port] = await log(/: port (\d+)\n/);

  const talk = async (...lines: string[]) => {
    const client = start('chat-client.ts', port!);
    const printed = printedBy(client);
    const [, pid] = await printed(/process (\d+) listens, q ends\n/); // the server speaks first
    client.stdin.end(`${lines.join('\n')}\n`);
    const [text] = await printed(/[\s\S]*$/, once(client, 'close'));
    assert.equal(client.exitCode, 0);
    return { pid, answer: text!.split('\n').slice(1).join('\n') };
  };

  const [first, second] = await Promise.all([talk('hello', 'wörld', 'q', 'unheard'), talk('q')]);
  assert.equal(first.answer, 'HELLO\nWÖRLD\n');
  assert.equal(second.answer, '');
  assert.notEqual(first.pid, second.pid);

  // Garbage, and a connection that is reset in the midst of a line, are no trouble for anybody else.
  const rude = net.connect(Number(port), '127.0.0.1');
  rude.on('error', () => {});
  await once(rude, 'data');
  rude.write(Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x0a]));
  await once(rude, 'data');
  rude.write('half a li');
  rude.resetAndDestroy();
  assert.equal((await talk('still there?', 'q')).answer, 'STILL THERE?\n');

  server.kill('SIGINT');
  await log(/closing, \d+ clients left\n[\s\S]*closed\n/);
  if (server.exitCode === null) await once(server, 'close');
  assert.equal(server.exitCode, 0);
});

/** Waits until what a program has printed matches, or, with `end`, until then. */
function printedBy(program: ChildProcess) {
  let text = '';
  program.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return async (pattern: RegExp, end?: Promise<unknown>): Promise<RegExpExecArray> => {
    await end;
    for (;;) {
      const match = pattern.exec(text);
      if (match) return match;
      await Promise.race([
        once(program.stdout!, 'data'),
        once(program, 'close').then(() => assert.match(text, pattern)),
      ]);
    }
  };
}

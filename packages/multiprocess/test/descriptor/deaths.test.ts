/** Whoever dies: nothing leaks, and nobody waits for ever. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import type net from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dumps, getContext, loads, Process } from 'multiprocess';
import { header, table } from '../../dist/memory/index.js';
import { onEachMethod } from '../process/support/matrix.ts';
import { runs, until } from '../process/support/procfs.ts';
import { run } from '../process/support/program.ts';
import { keeperPid } from '../shared/support/keeper.ts';
import { everything, type Pair, tcp } from './support/connections.ts';

/** Sockets that a process has open, whatever they are connected to. */
function socketsOf(pid: number): number {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed meanwhile
    }
  });
  return links.filter((link) => link.startsWith('socket:')).length;
}

const zygotePid = () => table.pid(header.load('zygote') - 1);

test('the connection of a receiver that is killed before it takes it is closed', async () => {
  const { client, socket } = await tcp();
  const child = new (getContext('spawn').Process)({
    target: (...sockets: net.Socket[]) => new Promise(() => sockets[0]!.resume()),
    args: [socket],
    execArgv: ['--import', 'data:text/javascript,while(true);'], // never gets to the point of taking it
  });
  child.start();
  assert.equal(socket.destroyed, true);
  child.kill();
  await child.join();
  await once(client.resume(), 'close');
  assert.equal(await until('the broker to let go', () => socketsOf(keeperPid()!) === 1), true);
});

onEachMethod('the connection of a receiver that is killed while it has it is closed', async ({ mp }) => {
  const { client, socket } = await tcp();
  const child = new mp.Process({
    target: (taken: net.Socket) => {
      taken.write('mine');
      taken.resume();
    },
    args: [socket],
  });
  child.start();
  await once(client, 'data');
  child.kill();
  await once(client.resume(), 'close');
  await child.join();
});

onEachMethod('a sender that is killed right after sending takes nothing along', async ({ method }) => {
  const program = fileURLToPath(new URL('fixtures/dies-after-sending.ts', import.meta.url));
  const { stdout, stderr } = await run(program, { method });
  assert.deepEqual([stdout, stderr], ['-9 still here\n', '']);
});

test('1,000 sockets through, and not one descriptor is left', async () => {
  const before = { own: 0, zygote: 0, keeper: 0 };
  const count = () => ({
    own: socketsOf(process.pid),
    zygote: socketsOf(zygotePid()),
    keeper: socketsOf(keeperPid()!),
  });
  const child = async (n: number) => {
    const pairs: Pair[] = [];
    while (pairs.length < n) pairs.push(await tcp());
    const sockets = pairs.map(({ socket }) => socket);
    const receiver = new Process({
      target: (taken: net.Socket[]) => taken.forEach((socket, i) => void socket.end(`socket ${i}`)),
      args: [sockets],
    });
    receiver.start();
    const texts = await Promise.all(pairs.map(({ client }) => everything(client)));
    assert.deepEqual(
      texts,
      sockets.map((_, i) => `socket ${i}`),
    );
    await receiver.join();
    assert.equal(receiver.exitCode, 0);
  };
  await child(1);
  Object.assign(before, count());
  for (let i = 0; i < 5; i++) await child(200);
  await until('descriptors to be closed', () => JSON.stringify(count()) === JSON.stringify(before)).catch(() => {
    assert.deepEqual(count(), before);
  });
});

test('a message that nobody reads ends with the program', async () => {
  const program = fileURLToPath(new URL('fixtures/never-read.ts', import.meta.url));
  const { stdout } = await run(program);
  const keeper = Number(stdout);
  assert.ok(keeper > 0);
  await until('the keeper to end', () => !runs(keeper));
});

test('when the broker is killed, its connections are closed, the receiver is told, and the next send works', async () => {
  const { client, socket } = await tcp();
  const message = dumps(socket);
  const broker = keeperPid()!;
  process.kill(broker, 'SIGKILL');
  await once(client.resume(), 'close');
  await assert.rejects(loads(message), { code: 'ERR_MP_BAD_HANDLE', message: /mpkeeper.*has been killed/ });

  const next = await tcp();
  const arrived = (await loads(dumps(next.socket))) as net.Socket;
  assert.notEqual(keeperPid(), broker);
  arrived.end('again');
  assert.equal(await everything(next.client), 'again');
});

/** CPython: _test_multiprocessing.py, what is about listeners, clients and their authentication. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Address, Client, type Digest, Listener } from 'multiprocess/connection';
import { pair } from '../connection/support/pair.ts';
import { frame, raw, reader } from '../connection/support/raw.ts';
import { conforms, conformsEverywhere, conformsOnce } from './support.ts';

const FAMILIES = ['AF_UNIX', 'AF_INET'] as const;

conformsOnce('_TestListener', 'test_multiple_bind', async () => {
  for (const family of FAMILIES) {
    const listener = await Listener.open(null, { family });
    await assert.rejects(Listener.open(listener.address, { family }), (error: any) => {
      return error.code === 'ERR_MP_ADDRESS' && error.cause.code === 'EADDRINUSE';
    });
    listener.close();
  }
});

conformsOnce('_TestListener', 'test_context', async () => {
  const listener = await Listener.open();
  const client = await Client(listener.address);
  const connection = await listener.accept();
  await connection.send(1729);
  assert.equal(await client.recv(), 1729);
  for (const end of [listener, client, connection]) end[Symbol.dispose]();
  assert.ok(client.closed && connection.closed);
  await assert.rejects(listener.accept(), { code: 'ERR_MP_CLOSED', message: 'listener is closed' });
});

conformsOnce('_TestListener', 'test_empty_authkey', async () => {
  const listener = await Listener.open(null, { authKey: '' });
  const failed = assert.rejects(listener.accept(), { code: 'ERR_MP_AUTH' });
  await assert.rejects(Client(listener.address, { authKey: 'not empty' }), { code: 'ERR_MP_AUTH' });
  await failed;
  const [client, connection] = await Promise.all([Client(listener.address, { authKey: '' }), listener.accept()]);
  for (const end of [client, connection, listener]) end.close();
  await assert.rejects(Listener.open(null, { authKey: 3 as any }), { code: 'ERR_MP_INVALID_ARG' });
});

conformsOnce('_TestListener', 'test_abstract_socket', async () => {
  const address = `\0mp-something-${process.pid}`;
  const listener = await Listener.open(address);
  assert.equal(listener.address, address);
  const [client, connection] = await Promise.all([Client(address), listener.accept()]);
  await client.send('hello');
  assert.equal(await connection.recv(), 'hello');
  assert.equal(existsSync(address.slice(1)), false);
  for (const end of [client, connection, listener]) end.close();
});

async function sayHello(address: Address): Promise<void> {
  const connection = await Client(address);
  await connection.send('hello');
  connection.close();
}

conformsEverywhere('_TestListenerClient', 'test_listener_client', async ({ mp }) => {
  for (const family of FAMILIES) {
    const listener = await Listener.open(null, { family });
    const child = new mp.Process({ target: sayHello, args: [listener.address], daemon: true });
    child.start();
    const connection = await listener.accept();
    assert.equal(await connection.recv(), 'hello');
    await child.join();
    connection.close();
    listener.close();
  }
});

conformsEverywhere('_TestListenerClient', 'test_issue14725', async ({ mp }) => {
  const listener = await Listener.open();
  const child = new mp.Process({ target: sayHello, args: [listener.address], daemon: true });
  child.start();
  await child.join();
  assert.equal(child.exitCode, 0, 'it has gone before it was accepted');
  const connection = await listener.accept();
  assert.equal(await connection.recv(), 'hello');
  connection.close();
  listener.close();
});

conformsEverywhere('_TestListenerClient', 'test_issue16955', async ({ mp }) => {
  for (const family of FAMILIES) {
    const listener = await Listener.open(null, { family });
    const connecting = Client(listener.address);
    const connection = await listener.accept();
    const client = await connecting;
    const child = new mp.Process({ target: sayHello, args: [listener.address], daemon: true });
    child.start();
    await child.join();
    await connection.send('hello');
    connection.close();
    assert.equal(await client.poll(60_000), true);
    assert.equal(client.pollSync(), true);
    assert.equal(await client.recv(), 'hello');
    for (const end of [await listener.accept(), client, listener]) end.close();
  }
});

conformsOnce('OtherTest', 'test_deliver_challenge_auth_failure', async () => {
  const listener = await Listener.open(null, { authKey: 'abc' });
  const socket = await raw(listener.address);
  socket.write(frame('something bogus'));
  await assert.rejects(listener.accept(), { code: 'ERR_MP_AUTH' });
  const read = reader(socket);
  await read();
  assert.equal((await read()).toString(), '#FAILURE#');
  socket.destroy();
  listener.close();
});

conformsOnce('OtherTest', 'test_answer_challenge_auth_failure', async () => {
  for (const said of [['something bogus'], [`#CHALLENGE#{sha256}${'x'.repeat(40)}`, 'something bogus']]) {
    const listener = await Listener.open();
    const answered = assert.rejects(Client(listener.address, { authKey: 'abc' }), { code: 'ERR_MP_AUTH' });
    const connection = await listener.accept();
    for (const message of said) await connection.sendBytes(Buffer.from(message));
    await answered;
    connection.close();
    listener.close();
  }
});

conformsOnce('ChallengeResponseTest', 'test_challengeresponse', async () => {
  const digests: Digest[] = ['md5', 'sha256', 'sha384', 'sha3_256', 'sha3_384'];
  for (const digest of digests) {
    const options = { authKey: 'a key', digest, allowMd5: true };
    for (const end of await pair(options, options)) end.close();
    await assert.rejects(pair({ ...options, authKey: 'another' }, options), { code: 'ERR_MP_AUTH' });
  }
});

conformsOnce('TestInvalidFamily', 'test_invalid_family', async () => {
  await assert.rejects(Listener.open('\\\\.\\test'), { code: 'ERR_MP_INVALID_ARG' });
});

async function acceptDespiteSignals(announce: Address): Promise<void> {
  process.on('SIGHUP', () => {});
  const announcing = await Client(announce);
  const listener = await Listener.open();
  await announcing.send(listener.address);
  const client = await listener.accept();
  await client.send('welcome');
  announcing.recvSync(); // blocks while another signal comes
  announcing.sendSync('still here');
}

conforms('TestIgnoreEINTR', 'test_ignore_listener', async ({ mp }) => {
  const announced = await Listener.open();
  const child = new mp.Process({ target: acceptDespiteSignals, args: [announced.address] });
  child.start();
  const connection = await announced.accept();
  const address = await connection.recv();
  process.kill(child.pid!, 'SIGHUP');
  const client = await Client(address);
  assert.equal(await client.recv(), 'welcome');
  process.kill(child.pid!, 'SIGHUP');
  await connection.send('go on');
  assert.equal(await connection.recv(), 'still here');
  await child.join();
  assert.equal(child.exitCode, 0);
  for (const end of [client, connection, announced]) end.close();
});

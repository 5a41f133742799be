/** The exchange of proofs: its messages, byte by byte, and what is refused. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { currentProcess } from 'multiprocess';
import { Client, type Digest, Listener } from 'multiprocess/connection';
import { respond, verify } from '../../dist/connection/auth.js';
import { pair } from './support/pair.ts';
import { frame, raw, reader, verdict } from './support/raw.ts';

const key = Buffer.from('secret');
const options = { key, allowMd5: false };
const hmac = (name: string, message: Uint8Array | string, secret: Uint8Array | string = key) =>
  createHmac(name, secret).update(message).digest();

/** Key, challenge (behind #CHALLENGE#) and answer, as CPython 3.13 computes them. */
const VECTORS: [secret: string, challenge: string, answer: string][] = [
  [
    'secret',
    `{sha256}${'0123456789'.repeat(4)}`,
    '7b7368613235367d57221c32cd0aa3e90893e11ffda2be7449c1517591a532039a0a1ee16b4b0f5b',
  ],
  [
    'secret',
    `{sha384}${'0123456789'.repeat(4)}`,
    '7b7368613338347d1e7d029fae01a1d7c762edcde3d115fc55f5ffefab39e22c54b8754d0b67f6e4361b3aade018c289eed24e090a1aefb5',
  ],
  [
    '',
    `{sha3_256}${'\0'.repeat(40)}`,
    '7b736861335f3235367d9ad7b77ea8b8d0813e5838fbf705b68549c1f52296d6ddd9403da776cfb55752',
  ],
  [
    'ключ',
    `{sha3_384}${'\xff'.repeat(40)}`,
    '7b736861335f3338347d70a0ad6ad213a663af10f325a733cf8dcce4804ee6dd8c0d17c2aef47118338d69cefb99824575cddb574092f0f914a3',
  ],
  ['secret', `{md5}${'0123456789'.repeat(4)}`, '7b6d64357d9396d628fdf9cae2bf8b88cf6f1bbcd5'],
  ['secret', '0123456789'.repeat(2), 'de61a9de5e6f82b81cfa00ca66947d3c'],
];

test('answers are those of CPython', () => {
  for (const [secret, text, answer] of VECTORS) {
    const challenge = Buffer.from(text, 'latin1');
    const given = { key: Buffer.from(secret), allowMd5: true };
    assert.equal(respond(challenge, given).toString('hex'), answer);
    verify(challenge, Buffer.from(answer, 'hex'), given);
    const isMd5 = answer.length <= 42;
    if (!isMd5) continue;
    const refusal = { code: 'ERR_MP_AUTH', message: /HMAC-MD5, which Python 3.11 .* allowMd5/ };
    assert.throws(() => respond(challenge, { ...given, allowMd5: false }), refusal);
    assert.throws(() => verify(challenge, Buffer.from(answer, 'hex'), { ...given, allowMd5: false }), refusal);
  }
});

test('what proves nothing is refused', () => {
  const challenge = Buffer.from(`{sha256}${'x'.repeat(40)}`);
  const cases: [answer: Buffer, message: RegExp][] = [
    [Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', challenge, 'Secret')]), /^digest received was wrong$/],
    [Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', challenge.subarray(8))]), /^digest received was wrong$/],
    [hmac('sha256', challenge), /missing digest prefix/],
    [Buffer.from('{sha256}short'), /^expected 'sha256' of length 32 got 5$/],
    [Buffer.concat([Buffer.from('{sha1}'), hmac('sha1', challenge)]), /unsupported digest/],
    [Buffer.from('{constructor}x'), /unsupported digest/],
    [Buffer.from(''), /unsupported message length.*b''$/],
  ];
  for (const [answer, message] of cases)
    assert.throws(() => verify(challenge, answer, options), { code: 'ERR_MP_AUTH', message });
  const stronger = Buffer.concat([Buffer.from('{sha3_384}'), hmac('sha3-384', challenge)]);
  verify(challenge, stronger, options); // CPython lets the answerer choose
});

test('challenges that are none are refused', () => {
  for (const [challenge, message] of [
    ['too short', /^challenge too short: 9 bytes$/],
    ['{sha1}0123456789012345678901234567890123456789', /unsupported digest/],
    ['no name, and not of the old length', /missing digest prefix/],
  ] as const) {
    assert.throws(() => respond(Buffer.from(challenge), options), { code: 'ERR_MP_AUTH', message });
  }
});

test('the exchange, byte by byte, seen by a client', async () => {
  for (const digest of ['sha256', 'sha384', 'sha3_256', 'sha3_384', 'md5'] as Digest[]) {
    const listener = await Listener.open(null, { authKey: key, digest });
    const socket = await raw(listener.address);
    const read = reader(socket);
    const asked = await read();
    const name = `#CHALLENGE#{${digest}}`;
    assert.equal(asked.toString('latin1', 0, name.length), name);
    assert.equal(asked.length, name.length + 40);
    const proof = hmac(digest.replace('_', '-'), asked.subarray(11));
    socket.write(frame(Buffer.concat([Buffer.from(`{${digest}}`), proof])));
    assert.equal((await read()).toString(), '#WELCOME#');
    const challenge = Buffer.from(`{sha256}${'r'.repeat(40)}`);
    socket.write(frame(Buffer.concat([Buffer.from('#CHALLENGE#'), challenge])));
    assert.deepEqual(await read(), Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', challenge)]));
    socket.write(frame('#WELCOME#'));
    const connection = await listener.accept();
    await connection.send(null);
    assert.equal((await read()).toString('hex'), '80044e2e', 'as CPython writes None');
    socket.destroy();
    connection.close();
    listener.close();
  }
});

test('every challenge is another one', async () => {
  const listener = await Listener.open(null, { authKey: key });
  const seen = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const socket = await raw(listener.address);
    seen.add((await reader(socket)()).toString('hex'));
    socket.destroy();
  }
  assert.equal(seen.size, 20);
  listener.close();
});

test('keys: bytes, strings, none, that of this family of processes', async () => {
  for (const [mine, yours] of [
    ['ключ', Buffer.from('ключ')],
    ['', new Uint8Array(0)],
    [true, Buffer.from(currentProcess().authKey)],
    [undefined, null],
  ] as const) {
    for (const end of await pair({ authKey: mine }, { authKey: yours })) end.close();
  }
  await assert.rejects(Client('x', { authKey: 5 as any }), { code: 'ERR_MP_INVALID_ARG', message: /^authKey must be/ });
});

test('with another key both ends say so', async () => {
  const listener = await Listener.open(null, { authKey: 'right' });
  const accepted = verdict(listener);
  await assert.rejects(Client(listener.address, { authKey: 'wrong' }), {
    code: 'ERR_MP_AUTH',
    message: 'digest sent was rejected',
  });
  assert.equal(await accepted, 'digest received was wrong');
  const client = Client(listener.address, { authKey: 'right' });
  assert.equal(await verdict(listener), 'accepted');
  (await client).close();
  listener.close();
});

test('the client is not fooled by a listener without the key', async () => {
  const listener = await Listener.open(); // has none: what follows is said by hand
  const connecting = Client(listener.address, { authKey: key });
  const connection = await listener.accept();
  await connection.sendBytes(Buffer.from(`#CHALLENGE#{sha256}${'x'.repeat(40)}`));
  await connection.recvBytes();
  await connection.sendBytes(Buffer.from('#WELCOME#'));
  const challenge = await connection.recvBytes();
  await connection.sendBytes(Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', challenge.subarray(11), 'guess')]));
  await assert.rejects(connecting, { code: 'ERR_MP_AUTH', message: 'digest received was wrong' });
  assert.equal(Buffer.from(await connection.recvBytes()).toString(), '#FAILURE#');
  connection.close();
  listener.close();
});

test('a listener without a key is noticed by a client with one', async () => {
  const listener = await Listener.open();
  await assert.rejects(Client(listener.address, { authKey: key, handshakeTimeout: 30 }), {
    code: 'ERR_MP_AUTH',
    message: /no proof within 30 ms/,
  });
  await assert.rejects(Client(listener.address, { authKey: key, timeout: 30 }), { code: 'ERR_MP_TIMEOUT' });
  await assert.rejects(Client(listener.address, { authKey: key, signal: AbortSignal.timeout(30) }), {
    code: 'ERR_MP_CANCELLED',
  });
  listener.close();
});

test('every message of the exchange has at most 256 bytes', async () => {
  const listener = await Listener.open(null, { authKey: key });
  const socket = await raw(listener.address);
  socket.write(Buffer.from('000001010000', 'hex')); // 257 of them are announced; they need not come
  assert.equal(await verdict(listener), 'the other end sent something else than a proof');
  socket.destroy();
  listener.close();
});

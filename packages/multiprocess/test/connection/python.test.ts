/** Real CPython at the other end: both roles, both kinds of address, with and without a key. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, Client, type Connection, float, Listener, tuple } from 'multiprocess/connection';
import { ADDRESSES, KEY, Peer, type Python, python, pythonListener, pythons, skip } from './support/python.ts';
import { verdict } from './support/raw.ts';

const ECHO = `
while True:
    try: message = c.recv()
    except EOFError: break
    c.send([repr(message), message])
say('end')
`;

/** A Python client of our listener: `body` gets our end. */
async function asListener(
  peer: Python,
  address: Address | undefined,
  key: string | null,
  body: (c: Connection) => unknown,
) {
  const listener = await Listener.open(address, { authKey: key, allowMd5: peer.isOld });
  const program = `c = Client(address(arg['address']), authkey=arg['key'].encode() if arg['key'] is not None else None)\n${ECHO}`;
  const client = new Peer(program, { address: listener.address, key }, peer);
  const connection = await listener.accept(60_000);
  await body(connection);
  connection.close();
  listener.close();
  assert.deepEqual(await client.end(), ['end']);
}

/** Our client of a Python listener. */
async function asClient(peer: Python, family: string, key: string | null, body: (c: Connection) => unknown) {
  const { address, peer: server } = await pythonListener(`c = listener.accept()\n${ECHO}`, { family, key, peer });
  const connection = await Client(address, { authKey: key, allowMd5: peer.isOld });
  await body(connection);
  connection.close();
  assert.deepEqual(await server.end(), ['end']);
}

/** What is sent, how Python prints it, and what comes back if that is not the same. */
const VALUES: [sent: unknown, repr: string, back?: unknown][] = [
  [null, 'None'],
  [undefined, 'None', null],
  [true, 'True'],
  [false, 'False'],
  ...[0, 1, 255, 256, 65535, 65536, 2 ** 31 - 1, -1, -(2 ** 31), 2 ** 31, Number.MAX_SAFE_INTEGER].map(
    (n): [number, string] => [n, String(n)],
  ),
  [127n, '127', 127],
  [2n ** 53n, '9007199254740992'],
  [-(2n ** 53n), '-9007199254740992'],
  [2n ** 63n, '9223372036854775808'],
  [-(2n ** 2047n), String(-(2n ** 2047n))],
  [0.5, '0.5'],
  [-0, '-0.0'],
  [1e300, '1e+300'],
  [float(1), '1.0', 1],
  [Infinity, 'inf'],
  [NaN, 'nan'],
  ['', "''"],
  ['héllo 日本 \u{1f600}', "'héllo 日本 \u{1f600}'"],
  ['\ud800', "'\\ud800'"],
  ['x'.repeat(70_000), `'${'x'.repeat(70_000)}'`],
  [new Uint8Array([0, 255]), "b'\\x00\\xff'"],
  [Buffer.from('abc'), "b'abc'", new Uint8Array(Buffer.from('abc'))],
  [[], '[]'],
  [[1, [2, ['3']]], "[1, [2, ['3']]]"],
  [tuple(), '()', []],
  [tuple(1, tuple('a', null)), "(1, ('a', None))", [1, ['a', null]]],
  [{}, '{}'],
  [{ a: 1, b: { c: [] } }, "{'a': 1, 'b': {'c': []}}"],
  [JSON.parse('{"__proto__": 1}'), "{'__proto__': 1}"],
  [
    new Map<unknown, unknown>([
      [1, 'a'],
      [null, new Map([[true, 2]])],
    ]),
    "{1: 'a', None: {True: 2}}",
  ],
  [new Map([['a', 1]]), "{'a': 1}", { a: 1 }],
  [new Set(['x']), "{'x'}"],
  [new Set(), 'set()'],
];

async function allTypes(connection: Connection): Promise<void> {
  for (const [sent, repr, back = sent] of VALUES) {
    await connection.send(sent);
    assert.deepEqual(await connection.recv(), [repr, back]);
  }
}

for (const peer of pythons) {
  for (const [name, address, family] of ADDRESSES) {
    for (const key of [null, KEY]) {
      const title = `Python ${peer.version}, ${name}${key ? ', with a key' : ''}`;
      test(`our listener, their client: ${title}`, () => asListener(peer, address, key, allTypes));
      test(`our client, their listener: ${title}`, () => asClient(peer, family, key, allTypes));
    }
  }
}

for (const peer of pythons) {
  test(`a wrong key: both sides are told (Python ${peer.version})`, async () => {
    const listener = await Listener.open(null, { authKey: 'right', allowMd5: peer.isOld });
    const client = new Peer(
      `
try: Client(address(arg), authkey=b'wrong')
except AuthenticationError as error: say(str(error))
`,
      listener.address,
      peer,
    );
    assert.equal(await verdict(listener), 'digest received was wrong');
    assert.deepEqual(await client.end(), ['digest sent was rejected']);
    listener.close();

    const { address, peer: server } = await pythonListener(
      `
try: listener.accept()
except AuthenticationError as error: say(str(error))
`,
      { key: 'right', peer },
    );
    await assert.rejects(Client(address, { authKey: 'wrong', allowMd5: peer.isOld }), {
      code: 'ERR_MP_AUTH',
      message: 'digest sent was rejected',
    });
    assert.deepEqual(await server.end(), ['digest received was wrong']);
  });
}

for (const peer of pythons.filter(({ isOld }) => isOld).slice(-1)) {
  test(`without allowMd5, Python ${peer.version} is refused, and why is said`, async () => {
    const listener = await Listener.open(null, { authKey: KEY });
    const client = new Peer(
      `
try: Client(address(arg), authkey=${JSON.stringify(KEY)}.encode())
except AuthenticationError as error: say(str(error))
`,
      listener.address,
      peer,
    );
    assert.match(
      await verdict(listener),
      /HMAC-MD5, which Python 3\.11 and older use; \{ allowMd5: true \} accepts that/,
    );
    assert.deepEqual(await client.end(), ['digest sent was rejected']);
    listener.close();

    const { address, peer: server } = await pythonListener(
      `
try: listener.accept()
except EOFError: say('left')
`,
      { key: KEY, peer },
    );
    await assert.rejects(Client(address, { authKey: KEY }), { code: 'ERR_MP_AUTH', message: /allowMd5/ });
    assert.deepEqual(await server.end(), ['left']);
  });
}

/** The handshake of Python 3.12, as its documentation has it, for machines that have none: a peer process of its own. */
const MODERN = `
import hashlib, hmac, os
key = ${JSON.stringify(KEY)}.encode()
c = Client(address(arg['address']))
def answer():
    challenge = c.recv_bytes(256)
    assert challenge[:11] == b'#CHALLENGE#'
    name = challenge[12:challenge.index(b'}')].decode()
    c.send_bytes(b'{%s}' % name.encode() + hmac.new(key, challenge[11:], name).digest())
    assert c.recv_bytes(256) == b'#WELCOME#'
def deliver(name):
    message = b'{%s}' % name.encode() + os.urandom(40)
    c.send_bytes(b'#CHALLENGE#' + message)
    assert c.recv_bytes(256) == b'{%s}' % name.encode() + hmac.new(key, message, name).digest()
    c.send_bytes(b'#WELCOME#')
answer()
deliver(arg['digest'])
c.send('in')
`;

test('every digest of Python 3.12, computed by hashlib in any Python', { skip }, async () => {
  for (const digest of ['sha256', 'sha384', 'sha3_256', 'sha3_384'] as const) {
    const listener = await Listener.open(null, { authKey: KEY, digest });
    const peer = new Peer(MODERN, { address: listener.address, digest }, pythons[0]);
    const connection = await listener.accept(60_000);
    assert.equal(await connection.recv(), 'in');
    connection.close();
    listener.close();
    await peer.end();
  }
});

test('bytes, large messages, and the end, both ways', { skip }, async () => {
  for (const [, , family] of ADDRESSES) {
    const { address, peer } = await pythonListener(
      `
c = listener.accept()
for _ in range(5):
    message = c.recv_bytes()
    c.send_bytes(message)
c.send_bytes(b'')
c.close()
`,
      { family },
    );
    const connection = await Client(address);
    for (const size of [0, 16_384, 16_385, 1_000_000, 20_000_000]) {
      const sent = Buffer.alloc(size, 'abcdefg');
      const writing = connection.sendBytes(sent);
      assert.ok(sent.equals(await connection.recvBytes(undefined, 60_000)));
      await writing;
    }
    assert.equal((await connection.recvBytes()).length, 0);
    await assert.rejects(connection.recv(), { code: 'ERR_MP_EOF' });
    connection.close();
    await peer.end();
  }
});

test('the blocking forms, with Python at the other end', { skip }, async () => {
  const { address, peer } = await pythonListener(`c = listener.accept()\n${ECHO}`, { key: KEY });
  const connection = await Client(address, { authKey: KEY, allowMd5: python.isOld });
  for (let i = 0; i < 100; i++) {
    connection.sendSync({ i });
    assert.deepEqual(connection.recvSync(60_000), [`{'i': ${i}}`, { i }]);
  }
  assert.equal(connection.pollSync(10), false);
  connection.close();
  await peer.end();
});

test('Python sees that we have gone', { skip }, async () => {
  const { address, peer } = await pythonListener(`
c = listener.accept()
try: c.recv()
except EOFError: say('end')
try:
    while True: c.send(b'x' * 100000)
except BrokenPipeError: say('gone')
`);
  (await Client(address)).close();
  assert.deepEqual([await peer.hear(), await peer.hear()], ['end', 'gone']);
  await peer.end();
});

test('a Python that is killed in the middle of a message', { skip }, async () => {
  const { address, peer } = await pythonListener(`
import os, signal
c = listener.accept()
os.write(c.fileno(), b'\\0\\0\\0\\x09half')
os.kill(os.getpid(), signal.SIGKILL)
`);
  const connection = await Client(address);
  await assert.rejects(connection.recv(), { code: 'ERR_MP_PEER_GONE', message: 'got end of file during message' });
  connection.close();
  await assert.rejects(peer.end());
});

/** Hostile input: whatever comes, there is an error in time, and memory for what came only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Listener, Pickle } from 'multiprocess/connection';
import { FrameReader, frameHeader } from '../../dist/connection/frames.js';
import { OP } from '../../dist/connection/pickle/opcodes.js';
import { forSeeds, type Random, randomBytes } from './support/random.ts';
import { frame, raw } from './support/raw.ts';

const pickle = new Pickle();
const CODES = Object.values(OP);

/** What may become of any bytes: a value, or one of our errors. */
function decodes(bytes: Uint8Array): boolean {
  try {
    pickle.decode(bytes);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ERR_MP_UNSUPPORTED') throw error;
    return false;
  }
}

function randomValue(random: Random, depth = 0): unknown {
  switch (random(depth > 4 ? 7 : 11)) {
    case 0:
      return null;
    case 1:
      return random(2) === 1;
    case 2:
      return random(2 ** 31) - 2 ** 30;
    case 3:
      return random(2 ** 31) / 7;
    case 4:
      return BigInt(`0x${randomBytes(random, 1 + random(40)).toString('hex')}`) - 2n ** 80n;
    case 5:
      return String.fromCharCode(...Array.from({ length: random(20) }, () => random(0x10000)));
    case 6:
      return new Uint8Array(randomBytes(random, random(300)));
    case 7:
      return Array.from({ length: random(6) }, () => randomValue(random, depth + 1));
    case 8:
      return new Set(Array.from({ length: random(6) }, () => random(1000)));
    case 9:
      return new Map(Array.from({ length: 1 + random(5) }, () => [random(1000), randomValue(random, depth + 1)]));
    default:
      return Object.fromEntries(Array.from({ length: random(6) }, (_, i) => [`k${i}`, randomValue(random, depth + 1)]));
  }
}

/** As the value comes back: small bigints are numbers. */
function normal(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value === BigInt(Number(value)) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, normal(v)]));
  if (value instanceof Set || value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, normal(v)]));
}

function mutate(random: Random, bytes: Uint8Array): Buffer {
  const mutant = Buffer.from(bytes);
  for (let i = 1 + random(4); i > 0; i--) {
    const at = random(mutant.length);
    if (random(3) === 0) mutant[at] = CODES[random(CODES.length)]!;
    else if (random(2) === 0) mutant[at]! ^= 1 << random(8);
    else mutant[at] = random(256);
  }
  return random(4) === 0 ? mutant.subarray(0, random(mutant.length)) : mutant;
}

test('values come back, whatever they are', () =>
  forSeeds(500, (random) => {
    const value = randomValue(random);
    assert.deepEqual(pickle.decode(pickle.encode(value)), normal(value));
  }));

test('mutated and truncated pickles', () =>
  forSeeds(300, (random) => {
    const bytes = pickle.encode([randomValue(random), randomValue(random), { a: randomValue(random) }]);
    for (let i = 0; i < 40; i++) decodes(mutate(random, bytes));
    for (let length = 0; length < Math.min(bytes.length, 200); length++)
      assert.equal(decodes(bytes.subarray(0, length)), false);
  }));

test('random bytes, and random operations', async () => {
  let good = 0;
  await forSeeds(3000, (random) => {
    const noise = randomBytes(random, 2 + random(100));
    noise.set([0x80, 2 + random(4)]);
    decodes(noise);
    const program = Buffer.from(Array.from({ length: 3 + random(40) }, () => CODES[random(CODES.length)]!));
    program.set([0x80, 4, OP.EMPTY_DICT]);
    program[program.length - 1] = OP.STOP;
    if (decodes(program)) good++;
  });
  if (process.env.MP_SEED === undefined)
    assert.ok(good > 0, 'some of them are valid: the others do not all fail early');
});

test('random streams, in random pieces', () =>
  forSeeds(500, (random) => {
    const reader = new FrameReader(10_000);
    const sizes = Array.from({ length: random(10) }, () => random(3000));
    const stream = Buffer.concat([
      ...sizes.flatMap((size) => [frameHeader(size), Buffer.alloc(size)]),
      randomBytes(random, 30),
    ]);
    try {
      for (let at = 0; at < stream.length; ) {
        const size = 1 + random(500);
        reader.feed(stream.subarray(at, at + size));
        at += size;
      }
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'ERR_MP_MESSAGE_TOO_LONG');
    }
    assert.deepEqual(
      reader.messages.slice(0, sizes.length).map((message) => message.length),
      sizes,
    );
  }));

test('noise instead of a proof: each is refused, and the listener goes on', async () => {
  const listener = await Listener.open(null, { authKey: 'secret', handshakeTimeout: 2000 });
  await forSeeds(60, async (random) => {
    const socket = await raw(listener.address);
    const noise = randomBytes(random, 1 + random(400));
    if (random(2) === 0) noise[0] = noise[1] = noise[2] = 0; // a length that may be right
    socket.end(random(3) === 0 ? frame(noise.subarray(0, 200)) : noise);
    await assert.rejects(listener.accept(10_000), { code: 'ERR_MP_AUTH' });
    socket.destroy();
  });
  listener.close();
});

/** Lengths that are far more than what will come, with what should be said about them. */
const CLAIMS: [header: string, maxMessageSize: number, error: RegExp][] = [
  ['7fffffff', 2 ** 28, /^bad message length: 2147483647 bytes, and the limit is 268435456/],
  ['ffffffff8000000000000000', 2 ** 28, /^bad message length: 9223372036854775808 bytes/],
  ['ffffffff8000000000000000', Infinity, /^bad message length: 9223372036854775808 bytes/],
  ['ffffffffffffffffffffffff', Infinity, /^bad message length: 18446744073709551615 bytes/],
  ['fffffffe', Infinity, /^bad message length: -2/],
  ['7fffffff', Infinity, /^got end of file during message$/],
  ['ffffffff0000000100000000', Infinity, /^got end of file during message$/],
];

test('a length makes nothing be allocated', async () => {
  for (const [header, maxMessageSize, message] of CLAIMS) {
    const listener = await Listener.open(null, { maxMessageSize });
    const socket = await raw(listener.address);
    const connection = await listener.accept();
    const before = process.memoryUsage().arrayBuffers;
    socket.write(Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(100_000)]));
    await new Promise<void>((resolve) => socket.end(() => resolve()));
    await assert.rejects(connection.recv(10_000), { message });
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 2_000_000, `${header}: ${grown} bytes more`);
    connection.close();
    listener.close();
  }
});

test('one byte at a time arrives; what stops in between ends in time', async () => {
  const listener = await Listener.open();
  const socket = await raw(listener.address);
  socket.setNoDelay();
  const connection = await listener.accept();
  const message = frame(pickle.encode({ slow: ['but', 'sure'] }));
  const received = connection.recv(30_000);
  for (const byte of message) await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
  assert.deepEqual(await received, { slow: ['but', 'sure'] });
  socket.write(message.subarray(0, 10));
  await assert.rejects(connection.recv(50), { code: 'ERR_MP_TIMEOUT' });
  assert.throws(() => connection.recvSync(50), { code: 'ERR_MP_TIMEOUT' });
  socket.write(message.subarray(10));
  assert.deepEqual(await connection.recv(30_000), { slow: ['but', 'sure'] }, 'a timeout loses nothing');
  socket.destroy();
  connection.close();
  listener.close();
});

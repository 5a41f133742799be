/** CPython: _test_multiprocessing.py, _TestSharedMemory and TestSharedMemoryNames. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { ShareableList, SharedMemory, SharedMemoryManager } from 'multiprocess';
import { native } from '../../dist/native.js';
import { dumps, loadsSync } from '../../dist/transport/index.js';
import { Program, run } from '../process/support/program.ts';
import { python, skip } from '../shared/support/python.ts';
import { ended, segmentExists, segmentName } from '../shared/support/segments.ts';
import { codeOf, conforms, conformsOnce } from './support.ts';

const text = (memory: SharedMemory, size = 6): string => Buffer.from(memory.buf.subarray(0, size)).toString();
const write = (memory: SharedMemory, data: string): void => memory.buf.set(Buffer.from(data));

conformsOnce('_TestSharedMemory', 'test_shared_memory_name_with_embedded_null', () => {
  const memory = new SharedMemory({ name: segmentName(), create: true, size: 512 });
  for (const create of [true, false]) {
    const attempt = () => new SharedMemory({ name: `${memory.name}\0a`, create, size: 512 });
    assert.throws(attempt, { code: 'ERR_MP_INVALID_ARG', message: /^embedded null character/ });
  }
  memory.unlink();
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_basics', () => {
  const name = segmentName();
  const memory = new SharedMemory({ name, create: true, size: 512 });
  assert.deepEqual([memory.name, memory.size, memory.buf.length], [name, 512, 512]);
  assert.ok(inspect(memory).includes(name) && inspect(memory).includes('512'));
  memory.buf[0] = 42;
  const also = new SharedMemory({ name });
  assert.equal(also.buf[0], 42);
  also.close();
  also.close();
  assert.equal(
    codeOf(() => also.buf),
    'ERR_MP_CLOSED',
  );
  const same = new SharedMemory({ name, size: 20 * memory.size });
  assert.equal(same.size, 512);
  same.close();

  const twice = new SharedMemory({ name: segmentName(), create: true, size: 5000 });
  const second = new SharedMemory({ name: twice.name });
  second.unlink();
  second.close();
  twice.close();
  assert.equal(
    codeOf(() => twice.unlink()),
    'ERR_MP_NOT_FOUND',
  );
  assert.equal(
    codeOf(() => new SharedMemory({ name, create: true, size: 512 })),
    'ERR_MP_EXISTS',
  );
  assert.equal(
    codeOf(() => new SharedMemory({ name: segmentName() })),
    'ERR_MP_NOT_FOUND',
  );
  memory.unlink();
  memory.close();
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_recreate', () => {
  const taken = new SharedMemory({ create: true, size: 1 });
  const free = 'cafe0000';
  const answers = [taken.name.slice(4), taken.name.slice(4), free].map((hex) => Buffer.from(hex, 'hex'));
  mock.method(native, 'randomBytes', () => answers.shift());
  try {
    const memory = new SharedMemory({ create: true, size: 1 });
    assert.equal(memory.name, `psm_${free}`);
    memory.unlink();
    memory.close();
  } finally {
    mock.restoreAll();
  }
  taken.unlink();
  taken.close();
});

conformsOnce('_TestSharedMemory', 'test_invalid_shared_memory_creation', () => {
  for (const options of [
    { create: true, size: -1 },
    { create: true, size: 0 },
    { create: true },
    { create: false },
    { name: null },
  ]) {
    assert.equal(
      codeOf(() => new SharedMemory(options)),
      'ERR_MP_INVALID_ARG',
    );
  }
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_pickle_unpickle', () => {
  const memory = new SharedMemory({ create: true, size: 512 });
  write(memory, 'pickle');
  const other = loadsSync(dumps(memory)) as SharedMemory;
  assert.ok(other instanceof SharedMemory && other !== memory);
  assert.deepEqual([other.name, other.size, text(other)], [memory.name, 512, 'pickle']);
  write(memory, 'newval');
  assert.equal(text(other), 'newval');
  write(other, 'oldval');
  assert.equal(text(memory), 'oldval');
  memory.unlink();
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_pickle_unpickle_dead_object', () => {
  const memory = new SharedMemory({ create: true, size: 512 });
  const bytes = dumps(memory);
  memory.close();
  memory.unlink();
  assert.equal(
    codeOf(() => loadsSync(bytes)),
    'ERR_MP_NOT_FOUND',
  );
});

conforms('_TestSharedMemory', 'test_shared_memory_across_processes', async ({ mp }) => {
  const memory = new SharedMemory({ name: segmentName(), create: true, size: 512 });
  const attachThenWrite = (given: string | SharedMemory, data: string) => {
    const local = typeof given === 'string' ? new SharedMemory({ name: given }) : given;
    local.buf.set(Buffer.from(data));
    local.close();
  };
  for (const [given, data] of [
    [memory.name, 'howdy!'],
    [memory, 'HELLO!'],
  ] as const) {
    const child = new mp.Process({ target: attachThenWrite, args: [given, data] });
    child.start();
    await child.join();
    assert.equal(child.exitCode, 0);
    assert.equal(text(memory), data);
  }
  memory.unlink();
});

conforms('_TestSharedMemory', 'test_shared_memory_SharedMemoryServer_ignores_sigint', async ({ mp }) => {
  const manager = new mp.SharedMemoryManager();
  await manager.start();
  const list = await manager.ShareableList([0]);
  process.kill(manager.pid!, 'SIGINT');
  list.set(0, 1);
  const other = await manager.ShareableList([2]);
  assert.deepEqual([list.get(0), other.get(0)], [1, 2]);
  await manager.shutdown();
});

/** We have a keeper for it, of which there is one, and which says nothing. */
conformsOnce('_TestSharedMemory', 'test_shared_memory_SharedMemoryManager_reuses_resource_tracker', async () => {
  const { code, stdout, stderr } = await run('../../conformance/fixtures/segments-of-manager.ts');
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'the same keeper: true\nleft: 0\n', stderr: '' });
});

conforms('_TestSharedMemory', 'test_shared_memory_SharedMemoryManager_basics', async ({ mp }) => {
  const one = new mp.SharedMemoryManager();
  await assert.rejects(one.SharedMemory(9), { code: 'ERR_MP_NOT_STARTED' });
  await one.start();
  for (const again of [() => one.start(), () => one.getServer()]) {
    await assert.rejects(again, { code: 'ERR_MP_ALREADY_STARTED', message: 'Already started SharedMemoryServer' });
  }
  const lists = [];
  const memories = [];
  for (let i = 5; i < 10; i++) lists.push(await one.ShareableList(Array(i).keys()));
  for (let size = 32; size < 128; size += 16) memories.push(one.SharedMemorySync(size));
  const sameList = new ShareableList(null, { name: lists[0]!.shm.name });
  assert.equal(sameList.length, 5);
  const sameMemory = new SharedMemory({ name: memories[0]!.name });
  assert.equal(sameMemory.buf.length, 32);
  await one.shutdown();
  for (const name of [...lists.map(({ shm }) => shm.name), ...memories.map(({ name }) => name)]) {
    assert.equal(
      codeOf(() => new SharedMemory({ name })),
      'ERR_MP_NOT_FOUND',
    );
  }
  for (const use of [() => one.SharedMemory(9), () => one.getServer()]) {
    await assert.rejects(use, { code: 'ERR_MP_CLOSED', message: 'SharedMemoryManager has shut down' });
  }

  const two = new SharedMemoryManager();
  await two.start();
  const list = await two.ShareableList('howdy');
  assert.deepEqual([...list], ['h', 'o', 'w', 'd', 'y']);
  await two[Symbol.asyncDispose](); // `await using`
  assert.equal(segmentExists(list.shm.name), false);
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_ShareableList_basics', () => {
  const howdy = Uint8Array.from(Buffer.from('HoWdY'));
  const list = new ShareableList(['howdy', howdy, -273.154, 100, null, true, 42]);
  assert.ok(inspect(list).includes(list.shm.name) && inspect(list).includes('-273.154'));
  for (const act of [() => list.get(7), () => list.set(7, 2)]) assert.equal(codeOf(act), 'ERR_MP_INVALID_ARG');
  list.set(0, 'howdy');
  assert.equal(list.format, '8s8sdqxxxxxx?xxxxxxxx?q');
  assert.equal(list.length, 7);
  assert.throws(() => list.index('100'), { message: /^ShareableList\.index\(x\): x not in list/ });
  assert.equal(list.index(100), 3);
  assert.deepEqual([list.get(0), list.get(-2)], ['howdy', true]);
  assert.deepEqual([...list], ['howdy', howdy, -273.154, 100, null, true, 42]);
  list.set(3, 42);
  list.set(4, 'some');
  assert.deepEqual([list.get(3), list.get(4), list.format], [42, 'some', '8s8sdq8sxxxxxxx?q']);
  const tooLong: [number, string | Uint8Array][] = [
    [4, 'far too many'],
    [0, 'encodées'],
    [1, Buffer.from('123456789')],
  ];
  list.set(0, 'encodés'); // 8 bytes of UTF-8
  for (const [index, value] of tooLong) assert.throws(() => list.set(index, value), /exceeds available storage/);
  assert.deepEqual([list.get(0), list.get(1), list.get(4)], ['encodés', howdy, 'some']);
  assert.deepEqual([list.count(42), list.count(howdy), list.count(Buffer.from('adios'))], [2, 1, 0]);

  list.set(0, 'howdy'); // slots are measured in bytes of UTF-8, not in characters: 'encodés' would get a larger one
  const copy = new ShareableList(list, { name: segmentName() });
  assert.deepEqual([[...copy], copy.format], [[...list], list.format]);
  copy.set(-1, 77);
  assert.deepEqual([copy.get(-1), list.get(-1)], [77, 42]);
  copy.shm.close();
  copy.shm.unlink();

  const tethered = new ShareableList(null, { name: list.shm.name });
  tethered.set(-1, 880);
  assert.equal(list.get(-1), 880);
  for (const { shm } of [tethered, list]) shm.close();
  list.shm.unlink();

  const empty = new ShareableList();
  assert.deepEqual([empty.length, empty.format, empty.count('any')], [0, '', 0]);
  assert.throws(() => empty.index(null), { code: 'ERR_MP_INVALID_ARG' });
  empty.shm.unlink();
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_ShareableList_pickling', () => {
  const list = new ShareableList(Array.from({ length: 10 }, (_, i) => i));
  const other = loadsSync(dumps(list)) as ShareableList;
  assert.ok(other instanceof ShareableList && other !== list);
  assert.equal(other.get(-1), 9);
  other.set(4, 'changed');
  assert.equal(list.get(4), 'changed');
  list.set(3, 'newvalue');
  assert.equal(other.get(3), 'newvalue');
  const larger = new ShareableList(Array.from({ length: 400 }, (_, i) => i));
  assert.equal(dumps(larger).length, dumps(list).length);
  for (const { shm } of [list, larger]) shm.unlink();
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_ShareableList_pickling_dead_object', () => {
  const list = new ShareableList([0, 1, 2]);
  const bytes = dumps(list);
  list.shm.close();
  list.shm.unlink();
  assert.equal(
    codeOf(() => loadsSync(bytes)),
    'ERR_MP_NOT_FOUND',
  );
});

/** A program that has made a segment of this name and goes on. */
async function owner(name: string): Promise<{ program: Program; keeper: number }> {
  const file = fileURLToPath(new URL('../shared/fixtures/owns-segment.ts', import.meta.url));
  const program = new Program(file, { args: [name] });
  const [, keeper] = await program.printed(/^keeper (\d+)$/m);
  return { program, keeper: Number(keeper) };
}

conformsOnce('_TestSharedMemory', 'test_shared_memory_cleaned_after_process_termination', async () => {
  const name = segmentName();
  const { program, keeper } = await owner(name);
  assert.ok(segmentExists(name));
  program.process.kill('SIGKILL');
  await ended(keeper);
  assert.equal(segmentExists(name), false);
  assert.equal((await program.end()).stderr, '', 'freeing is our work: no warning');
});

conformsOnce('_TestSharedMemory', 'test_shared_memory_untracking', async () => {
  const memory = new SharedMemory({ create: true, size: 10 });
  const file = fileURLToPath(new URL('../shared/fixtures/attaches-and-ends.ts', import.meta.url));
  const program = new Program(file, { args: [memory.name] });
  assert.equal((await program.end()).code, 0);
  if (!skip) await python('attach(args[0])', memory.name);
  assert.ok(segmentExists(memory.name));
  memory.unlink();
});

for (const [name, prefix] of [
  ['test_that_shared_memory_name_with_colons_has_no_resource_tracker_errors', 'a:b:c:%{}"\n'],
] as const) {
  conformsOnce('TestSharedMemoryNames', name, async () => {
    const segment = segmentName(prefix);
    const { program, keeper } = await owner(segment);
    assert.ok(segmentExists(segment));
    program.process.kill('SIGKILL');
    await ended(keeper);
    assert.equal(segmentExists(segment), false);
    assert.equal((await program.end()).stderr, '');
  });
}

/** Segments and lists as arguments, results and preloads: they travel by name, and arrive attached. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ShareableList, SharedMemory } from 'multiprocess';
import { dumps, loadsSync } from '../../dist/transport/index.js';
import { inChild } from '../process/support/answer.ts';
import { onEachMethod } from '../process/support/matrix.ts';
import { run } from '../process/support/program.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

onEachMethod('a child gets the segment of its argument, and of a captured variable', async ({ method }) => {
  const memory = new SharedMemory({ create: true, size: 64 });
  memory.buf[0] = 1;
  const captured = memory;
  const seen = await inChild(
    method,
    (given: SharedMemory) => {
      given.buf[1] = given.buf[0]! + 1;
      return [given.name === captured.name, given.size, captured.buf[1], given instanceof SharedMemory];
    },
    [memory],
  );
  assert.deepEqual(seen, [true, 64, 2, true]);
  assert.equal(memory.buf[1], 2);
  memory.unlink();
});

onEachMethod('a child gets a number that is marked as a float', async ({ method }) => {
  const list = new ShareableList([2, 2]);
  const captured = ShareableList.float(1);
  const set = (there: ShareableList, given: typeof captured) => {
    there.set(0, given);
    there.set(1, captured);
  };
  await inChild(method, set, [list, ShareableList.float(1)]);
  assert.equal(list.format, 'dd');
  list.shm.unlink();
});

onEachMethod('a child gets a list', async ({ method }) => {
  const list = new ShareableList(['idle', 0, null]);
  const seen = await inChild(
    method,
    (given: ShareableList) => {
      given.set(0, 'busy');
      given.set(2, 7);
      return [...given];
    },
    [list],
  );
  assert.deepEqual(seen, ['busy', 0, 7]);
  assert.deepEqual([...list], ['busy', 0, 7]);
  list.shm.unlink();
});

onEachMethod('a child’s segment comes to its parent by name, and outlives the child', async ({ method }) => {
  const name = await inChild(method, () => {
    const memory = new SharedMemory({ create: true, size: 8 });
    memory.buf[0] = 42;
    return memory.name;
  });
  const memory = new SharedMemory({ name });
  assert.equal(memory.buf[0], 42);
  memory.unlink();
});

onEachMethod('workers of a pool give segments back', async ({ mp }) => {
  const pool = new mp.Pool(2);
  const memories = await pool.map(
    (n: number) => {
      const memory = new SharedMemory({ create: true, size: 8 });
      memory.buf[0] = n;
      return memory;
    },
    [1, 2, 3, 4],
  );
  assert.deepEqual(
    memories.map((memory) => memory.buf[0]),
    [1, 2, 3, 4],
  );
  await pool[Symbol.asyncDispose]();
  for (const memory of memories) {
    memory.close();
    memory.unlink();
  }
});

test('what is gone when it arrives is ERR_MP_NOT_FOUND', () => {
  const memory = new SharedMemory({ create: true, size: 8 });
  const list = new ShareableList([1]);
  const bytes = [dumps(memory), dumps({ list })];
  memory.close(); // closed ones can be sent, too: only the name travels
  assert.equal(loadsSync(dumps(memory)).name, memory.name);
  memory.unlink();
  list.shm.unlink();
  for (const message of bytes) assert.throws(() => loadsSync(message), { code: 'ERR_MP_NOT_FOUND' });
});

test('one object that is sent twice arrives as one', () => {
  const memory = new SharedMemory({ create: true, size: 8 });
  const [a, b] = loadsSync(dumps([memory, memory]));
  assert.equal(a, b);
  memory.unlink();
});

test('worker threads attach by name and may be terminated meanwhile', async () => {
  const memory = new SharedMemory({ create: true, size: 1 << 20 });
  const program = `
    import { workerData } from 'node:worker_threads';
    import { SharedMemory } from 'multiprocess';
    const memory = new SharedMemory({ name: workerData });
    const own = new SharedMemory({ create: true, size: 8 });
    own.unlink();
    new Int32Array(memory.buf.buffer)[0] = 1;
    for (;;) memory.buf[9]++;`;
  const url = new URL(
    `data:text/javascript,${encodeURIComponent(program.replace("'multiprocess'", `'${import.meta.resolve('multiprocess')}'`))}`,
  );
  const worker = new Worker(url, { workerData: memory.name });
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  const seen = (async () => {
    while (memory.buf[9] === 0) await new Promise((resolve) => setImmediate(resolve));
  })();
  await Promise.race([seen, failed]);
  assert.equal(memory.buf[0], 1);
  await worker.terminate();
  memory.unlink();
});

test('the memory of one cannot be transferred to a thread: it would be unmapped under its feet', () => {
  const memory = new SharedMemory({ create: true, size: 8 });
  memory.unlink();
  assert.throws(() => structuredClone(memory.buf, { transfer: [memory.buf.buffer] }), { name: 'DataCloneError' });
  assert.equal(structuredClone(memory.buf).length, 8); // a copy
});

test('an object that is collected is unmapped', async () => {
  const { stdout } = await run(fixture('forgets-segments.ts'), { execArgv: ['--expose-gc'] });
  assert.equal(stdout, '11\n1\n');
});

test('a thousand closed segments leave no mapping behind', () => {
  const mappings = () => readFileSync('/proc/self/maps', 'latin1').split('/dev/shm/').length;
  const before = mappings();
  for (let i = 0; i < 1000; i++) {
    const memory = new SharedMemory({ create: true, size: 8 });
    memory.unlink();
    memory.close();
  }
  assert.equal(mappings(), before);
});

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { allocate, bufferAt, bytesAt, free, memoryStats, selfSlot, sweep, table } from '../../dist/memory/index.js';
import { native } from '../../dist/native.js';
import { BOARD_BYTES } from './fixtures/churn.ts';
import { startMember } from './member.ts';

const MiB = 2 ** 20;

test('cells come zeroed, also those that were used', () => {
  for (const size of [1, 32, 33, 5000, 32768, 32769, 300_000]) {
    for (let i = 0; i < 3; i++) {
      const offset = allocate(size);
      const bytes = bytesAt(offset, size);
      assert.ok(bytes.every((byte) => byte === 0));
      bytes.fill(255);
      assert.ok((native.cellInfo(offset)?.size ?? 0) >= size);
      assert.equal(free(offset), true);
      assert.equal(free(offset), false, 'twice is once');
    }
  }
});

test('a cell is aligned to its size, at most to a page', () => {
  for (let size = 32; size <= 2 ** 18; size *= 2) {
    const offset = allocate(size);
    assert.equal(offset % Math.min(size, 4096), 0);
    free(offset);
  }
});

test('a lock costs at most 64 bytes', () => {
  const count = 100_000;
  allocate(32);
  const before = memoryStats().residentBytes;
  for (let i = 0; i < count; i++) allocate(32);
  const each = (memoryStats().residentBytes - before) / count;
  console.log(`# ${each.toFixed(1)} bytes each`);
  assert.ok(each <= 64);
  sweep(selfSlot());
  assert.equal(memoryStats().cells, 0);
});

test('large cells give their memory back', () => {
  for (const size of [200 * MiB, 1024 * MiB]) {
    const before = memoryStats();
    const offset = allocate(size);
    assert.notEqual(offset, 0);
    const bytes = new Uint8Array(bufferAt(offset, size));
    for (let i = 0; i < size; i += 4096 * 16) bytes[i] = 1;
    bytes[size - 1] = 1;
    assert.ok(memoryStats().residentBytes - before.residentBytes >= size / 16);
    assert.equal(free(offset), true);
    assert.ok(memoryStats().residentBytes - before.residentBytes < MiB);
    assert.equal(bytes[size - 1], 0);
  }
});

test('a full realm is no error of its own: allocate says 0, and works again afterwards', () => {
  const huge: number[] = [];
  for (let offset = allocate(1024 * MiB); offset !== 0; offset = allocate(1024 * MiB)) huge.push(offset);
  assert.equal(huge.length, 63);
  assert.equal(allocate(1024 * MiB), 0);
  assert.equal(allocate(65 * 1024 * MiB), 0);
  for (const offset of huge) free(offset);
  const again = allocate(1024 * MiB);
  assert.equal(again, huge[0]);
  free(again);
});

test('cells of several processes and threads never overlap', async () => {
  const before = memoryStats();
  const members = [1, 2, 3].map(() => startMember('allocates', 3000));
  const memory = new URL('../../dist/memory/index.js', import.meta.url).href;
  const program = `import { parentPort } from 'node:worker_threads';
    import { allocate } from '${memory}';
    const cells = [];
    for (let i = 0; i < 3000; i++) { const size = i % 50 ? 8 + i * 37 % 2000 : 50000; cells.push([allocate(size), size]); }
    parentPort.postMessage(cells);
    parentPort.once('message', () => {});`;
  const workers = [1, 2].map(() => new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`)));
  const ofWorkers = workers.map(
    (w) => new Promise((resolve, reject) => w.once('message', resolve).once('error', reject)),
  );
  const lines = await Promise.all(members.map((member) => member.line()));
  const all = [...(await Promise.all(ofWorkers)), ...lines.map((line) => JSON.parse(line))] as [number, number][][];
  const cells = all.flat().sort(([a], [b]) => a - b);
  assert.equal(cells.length, 5 * 3000);
  for (const [i, [offset, size]] of cells.entries()) assert.ok(offset + size <= (cells[i + 1]?.[0] ?? Infinity));
  for (const member of members) {
    member.process.stdin?.write('check\n');
    assert.equal(await member.line(), 'true');
    await member.ended();
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  assert.equal(memoryStats().cells, before.cells);
  assert.equal(memoryStats().inconsistent, 0);
});

// What begins with `mp-` other tests have named.
const named = () => readdirSync('/dev/shm').filter((name) => /^mp(?!-)/.test(name));

test('processes killed at random moments leave the heap whole and nothing in it', async () => {
  const before = memoryStats();
  const board = allocate(BOARD_BYTES);
  const count = 3;
  let members = Array.from({ length: count }, () => startMember('churns', board, count));
  for (let round = 0; round < 12; round++) {
    await Promise.all(members.map((member) => member.line()));
    for (let spin = (round * 7919) % 200_000; spin > 0; spin--) Math.sqrt(spin); // somewhere in the midst
    await Promise.all(members.map((member) => member.killed()));
    for (const { slot } of members) sweep(slot); // the last to die may have given something to the first
    const left = memoryStats();
    assert.equal(left.cells, before.cells + 1);
    assert.equal(left.references, before.references + 1);
    assert.equal(left.pendingReferences, 0);
    assert.equal(left.inconsistent, 0);
    if (round < 11) members = members.map(() => startMember('churns', board, count));
  }
  free(board);
  assert.equal(memoryStats().ranges, before.ranges);
  assert.deepEqual([...table.usedSlots()], [0]);
  assert.deepEqual(named(), []);
});

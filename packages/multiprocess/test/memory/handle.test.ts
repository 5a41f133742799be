import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  HANDLE_SIZE,
  handleOf,
  memoryStats,
  packHandle,
  retain,
  SharedCell,
  selfSlot,
  sweep,
  table,
  unpackHandle,
} from '../../dist/memory/index.js';
import { native } from '../../dist/native.js';
import { startMember } from './member.ts';

const KIND = 17;

test('a handle survives its 16 bytes, beyond 4 GiB as well', () => {
  const handle = { realm: 0xfedcba98, generation: 0x3fffff, offset: 63 * 2 ** 30 + 32, kind: 0xffff };
  const bytes = new Uint8Array(HANDLE_SIZE + 3);
  packHandle(handle, bytes, 3);
  assert.deepEqual(unpackHandle(bytes, 3), handle);
});

test('memory lives until the last reference is dropped', () => {
  selfSlot();
  const { cells } = memoryStats();
  const first = SharedCell.create(100, KIND);
  assert.equal(first.size, 128);
  first.bytes.fill(7);
  const second = SharedCell.open(first.handle, KIND);
  assert.equal(native.cellInfo(first.offset)?.references, 2);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(second.bytes[99], 7);
  second[Symbol.dispose]();
  assert.equal(memoryStats().cells, cells);
  assert.throws(() => second.bytes, { code: 'ERR_MP_CLOSED' });
  assert.throws(() => second.handle, { code: 'ERR_MP_BAD_HANDLE' });
});

test('a stale handle is refused, even when the memory is in use again', (t) => {
  const cell = SharedCell.create(64, KIND);
  const { handle, offset } = cell;
  cell[Symbol.dispose]();
  assert.throws(() => SharedCell.open(handle, KIND), { code: 'ERR_MP_BAD_HANDLE', message: /stale/ });
  const again = until(t, SharedCell.create(64, KIND));
  assert.equal(again.offset, offset, 'the cell that was freed last is used first');
  assert.equal(again.handle.generation, handle.generation + 1);
  assert.throws(() => SharedCell.open(handle, KIND), { code: 'ERR_MP_BAD_HANDLE', message: /stale/ });
});

test('a cell has as many references as fit, of which the last are not for queues', (t) => {
  const cell = until(t, SharedCell.create(64, KIND));
  const queue = until(t, SharedCell.create(64, KIND));
  const { generation, offset } = cell.handle;
  const taken: number[] = [];
  const takeAll = (owner: number) => {
    for (;;) {
      const reference = native.cellRetain(offset, generation, owner);
      if (reference === 0) break;
      taken.push(reference);
    }
    return native.cellInfo(offset)!.references;
  };
  assert.equal(takeAll(native.cellOwn(queue.offset)), 2 ** 20 - 1 - 2 ** 16);
  assert.equal(takeAll(selfSlot()), 2 ** 20 - 1);
  assert.throws(() => SharedCell.open(cell.handle, KIND), { code: 'ERR_MP_NO_MEMORY', message: /1048575/ });
  for (const reference of taken) assert.ok(native.cellRelease(reference, offset));
  assert.equal(native.cellInfo(offset)!.references, 1);
});

test('foreign handles, other kinds and offsets where no cell begins are refused', (t) => {
  const cell = until(t, SharedCell.create(64, KIND));
  const large = until(t, SharedCell.create(200_000, KIND));
  const refused = (change: object, message: RegExp) =>
    assert.throws(() => retain({ ...cell.handle, ...change }, KIND, selfSlot()), {
      code: 'ERR_MP_BAD_HANDLE',
      message,
    });
  refused({ realm: cell.handle.realm ^ 1 }, /another realm/);
  refused({ kind: 18 }, /kind 18, not 17/);
  for (const offset of [
    0,
    4096,
    cell.offset + 32,
    cell.offset - (cell.offset % 65536),
    large.offset + 65536,
    2 ** 47,
  ]) {
    refused({ offset }, /stale/);
  }
  const forged = { ...handleOf(cell.offset), kind: 18 };
  assert.throws(() => retain(forged, 18, selfSlot()), { code: 'ERR_MP_BAD_HANDLE', message: /kind 17, not 18/ });
  assert.equal(native.cellInfo(cell.offset)?.references, 1);
});

test('what a killed process alone held is freed, what others hold stays', async (t) => {
  const before = memoryStats();
  const mine = until(t, SharedCell.create(64, KIND));
  const bytes = new Uint8Array(HANDLE_SIZE);
  packHandle(mine.handle, bytes);
  const member = startMember('holds-cells', KIND, Buffer.from(bytes).toString('hex'));
  const handle = unpackHandle(Buffer.from(JSON.parse(await member.line()), 'hex'));
  const theirs = until(t, SharedCell.open(handle, KIND));
  assert.equal(native.cellInfo(mine.offset)?.references, 2);
  assert.equal(native.cellInfo(theirs.offset)?.owner, member.slot);
  assert.ok(memoryStats().cells > before.cells + 2);
  await member.killed();
  assert.equal(native.cellInfo(mine.offset)?.references, 1);
  assert.equal(native.cellInfo(theirs.offset)?.references, 1);
  assert.equal(theirs.bytes[0], 42);
  assert.equal(memoryStats().cells, before.cells + 2);
});

test('a reference taken for a child is dropped with the child', (t) => {
  const cell = until(t, SharedCell.create(64, KIND));
  const child = table.claimSlot(selfSlot());
  retain(cell.handle, KIND, child);
  assert.notEqual(native.cellFind(cell.offset, child), 0);
  assert.equal(sweep(child), 1);
  assert.equal(native.cellFind(cell.offset, child), 0);
  assert.equal(native.cellInfo(cell.offset)?.references, 1);
  table.releaseSlot(child);
});

test('a forked child inherits references of its own', () => {
  const parent = table.claimSlot(selfSlot());
  const child = table.claimSlot(parent);
  const offset = native.cellAllocate(64, parent, KIND);
  assert.equal(native.cellInherit(parent, child), 1);
  table.releaseSlot(parent);
  assert.equal(native.cellInfo(offset)?.references, 1);
  table.releaseSlot(child);
  assert.equal(native.cellInfo(offset), undefined);
});

test('a cell that is merely forgotten is freed by the garbage collector', async () => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  const { offset } = SharedCell.create(64, KIND);
  while (native.cellInfo(offset)) {
    gc();
    await new Promise(setImmediate);
  }
});

// `using`, for Node 22.
function until(t: TestContext, cell: SharedCell): SharedCell {
  t.after(() => cell[Symbol.dispose]());
  return cell;
}

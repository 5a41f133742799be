import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { isProcessAlive, selfSlot, startTimeOf, table } from '../../dist/memory/index.js';
import { SLOT_COUNT, SlotKind, SlotState } from '../../dist/memory/layout.js';
import { startTimeIn } from '../../dist/memory/liveness.js';

test('the main program is slot 0', () => {
  assert.equal(selfSlot(), 0);
  assert.equal(table.state(0), SlotState.Running);
  assert.equal(table.kind(0), SlotKind.Main);
  assert.equal(table.pid(0), process.pid);
  assert.equal(table.startTime(0), startTimeOf('self'));
  assert.equal(table.name(0), 'MainProcess');
  assert.equal(table.parent(0), table.NO_SLOT);
});

test('a slot that is used again has another generation and nothing of its last user', () => {
  const slot = table.claimSlot(selfSlot());
  const generation = table.generation(slot);
  table.setName(slot, 'first');
  table.setPayload(slot, 2 ** 35, 7);
  table.setExitStatus(slot, -9);
  table.releaseSlot(slot);
  assert.equal(table.claimSlot(selfSlot()), slot);
  assert.equal(table.generation(slot), generation + 1);
  assert.equal(table.name(slot), '');
  assert.deepEqual(table.payload(slot), { offset: 0, size: 0 });
  assert.equal(table.exitStatus(slot), 0);
  table.releaseSlot(slot);
});

test('values come back as they were stored', () => {
  const slot = table.claimSlot(selfSlot());
  table.setPayload(slot, 2 ** 35 + 8, 2 ** 33);
  assert.deepEqual(table.payload(slot), { offset: 2 ** 35 + 8, size: 2 ** 33 });
  table.setExitStatus(slot, -15);
  assert.equal(table.exitStatus(slot), -15);
  assert.equal(table.state(slot), SlotState.Claimed);
  assert.equal(table.moveState(slot, SlotState.Requested, SlotState.Running), false);
  assert.equal(table.moveState(slot, SlotState.Claimed, SlotState.Running), true);
  assert.deepEqual([...table.usedSlots()], [0, slot]);
  table.releaseSlot(slot);
  assert.deepEqual([...table.usedSlots()], [0]);
});

test('a long name is cut between two characters', () => {
  const slot = table.claimSlot(selfSlot());
  table.setName(slot, `${'x'.repeat(63)}é`);
  assert.equal(table.name(slot), 'x'.repeat(63));
  table.setName(slot, '🎈'.repeat(17));
  assert.equal(table.name(slot), '🎈'.repeat(16));
  table.setName(slot, 'short');
  assert.equal(table.name(slot), 'short');
  table.releaseSlot(slot);
});

test('a full table is a clear error, and works again afterwards', () => {
  const slots: number[] = [];
  for (let i = 1; i < SLOT_COUNT; i++) slots.push(table.claimSlot(0));
  assert.equal(new Set(slots).size, SLOT_COUNT - 1);
  assert.throws(() => table.claimSlot(0), { code: 'ERR_MP_NO_MEMORY' });
  for (const slot of slots) table.releaseSlot(slot);
  table.releaseSlot(table.claimSlot(0));
});

test('the start time is found behind any command name', () => {
  const rest = `S 1 ${Array.from({ length: 17 }, (_, i) => i).join(' ')} 4711 99`;
  assert.equal(startTimeIn(`17 (a) b) (c) ${rest}`), 4711);
  assert.equal(startTimeIn(`17 (node) Z${rest.slice(1)}`), 0, 'a zombie is dead');
});

test('a process is alive under its own start time until it has ended', async () => {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid as number;
  const startTime = startTimeOf(pid);
  assert.equal(isProcessAlive(pid, startTime), true);
  assert.equal(isProcessAlive(pid, startTime + 1), false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(isProcessAlive(pid, startTime), false);
});

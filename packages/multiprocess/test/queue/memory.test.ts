/** What queues take of the realm, and give back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, Pipe, Queue } from 'multiprocess';
import { ensureRealm, memoryStats } from '../../dist/memory/index.js';
import { onEachWay, start, type Way } from '../sync/crew.ts';

const MiB = 2 ** 20;
ensureRealm();

test('a queue that was drained keeps two chunks of 64 KiB; a closed one nothing', () => {
  const before = memoryStats();
  const queue = new Queue<string>();
  for (let i = 0; i < 20_000; i++) queue.putSync(`${i}`.padEnd(1000));
  assert.ok(memoryStats().residentBytes > before.residentBytes + 19 * MiB);
  for (let i = 0; i < 20_000; i++) assert.equal(queue.getSync().trimEnd(), `${i}`);
  assert.ok(memoryStats().cells <= before.cells + 3, `${memoryStats().cells - before.cells} cells`);
  assert.ok(memoryStats().residentBytes < before.residentBytes + 2 * MiB);
  queue.close();
  assert.equal(memoryStats().cells, before.cells);
});

test('closed with everything still in it', () => {
  const { cells } = memoryStats();
  fillAndClose();
  const { residentBytes } = memoryStats(); // pages of small cells stay, to be used again
  fillAndClose();
  assert.equal(memoryStats().cells, cells);
  assert.ok(memoryStats().residentBytes < residentBytes + MiB);
});

function fillAndClose(): void {
  for (const queue of [new Queue<string>(), new JoinableQueue<string>({ redeliver: true })]) {
    for (let i = 0; i < 500; i++) queue.putSync('x'.repeat(i * 100));
    queue.getManySync(100);
    queue.close();
  }
  const [a, b] = Pipe<string>();
  for (let i = 0; i < 500; i++) a.sendSync('x'.repeat(i * 100));
  a.close();
  b.close();
}

/** Where the producer runs makes no difference to the memory. */
const PRODUCERS: readonly Way[] | undefined = process.env.MP_TEST === 'full' ? undefined : ['forkserver'];

onEachWay(
  'a million items in order, in bounded memory',
  async ({ way, mp }) => {
    const queue = new mp.Queue<number>({ maxBytes: 4 * MiB });
    const before = memoryStats().residentBytes;
    const member = start(way, () => {
      for (let i = 0; i < 1_000_000; i += 1000) queue.putManySync(Array.from({ length: 1000 }, (_, k) => i + k));
    });
    let [next, most] = [0, 0];
    while (next < 1_000_000) {
      for (const n of await queue.getMany(500)) if (n !== next++) assert.fail(`${n} instead of ${next - 1}`);
      if (next % 5000 === 0) most = Math.max(most, memoryStats().residentBytes);
    }
    await member.result;
    assert.ok(most - before < 16 * MiB, `${(most - before) / MiB} MiB`);
    assert.equal(queue.isEmpty(), true);
    queue.close();
  },
  PRODUCERS,
);

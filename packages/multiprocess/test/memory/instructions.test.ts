/** The instructions work on the same memory as Atomics, in every kind of process and thread, and where there are none. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Lock, type MultiprocessError } from 'multiprocess';
import {
  addAt,
  addressOf,
  allocate,
  compareExchangeAt,
  free,
  Given,
  giveAt,
  giveLastAt,
  movePermitsAt,
  OWNER,
  PERMITS,
  selfId,
  storeAt,
  takeAt,
  wordIndex,
  wordsAt,
} from '../../dist/memory/index.js';
import { PAGES } from '../../dist/memory/overlay.js';
import { MONITOR, OWNED, SEMAPHORE } from '../../dist/sync/layout.js';
import { ask } from '../process/support/answer.ts';
import { onEachMethod } from '../process/support/matrix.ts';
import { addEverywhere, addInWorker, TIMES } from './fixtures/adds.ts';

test('they do what Atomics do', () => {
  const cell = allocate(32);
  const [words, index] = [wordsAt(cell), wordIndex(cell)];
  const address = addressOf(cell);
  assert.notEqual(address, 0);
  assert.equal(compareExchangeAt(address, 0, -7), 0);
  assert.equal(words[index], -7);
  assert.equal(compareExchangeAt(address, 0, 1), -7);
  assert.equal(addAt(address, 2 ** 31), -7);
  assert.equal(words[index], 2 ** 31 - 7);
  assert.equal(storeAt(address, -3), 0);
  assert.equal(words[index], -3);
  free(cell);
});

test('an owner takes and gives back, and both take care of the words around', () => {
  const cell = allocate(32);
  const [words, start] = [wordsAt(cell), wordIndex(cell)];
  const all = () => [...words.subarray(start, start + 8)];
  const set = (word: number, value: number) => (words[start + word] = value);
  const address = addressOf(cell + MONITOR.head * 4);
  assert.deepEqual(
    [OWNED.owner, OWNED.token, OWNED.depth, OWNED.abandoned],
    [OWNER.owner, OWNER.takings, OWNER.depth, OWNER.abandoned].map((bytes) => MONITOR.head + bytes / 4),
  );
  set(OWNED.token, -1);
  const me = selfId();
  assert.deepEqual([takeAt(address), takeAt(address)], [1, 0]);
  set(OWNED.abandoned, 9);
  assert.deepEqual(all(), [0, 0, 0, me, 0, 1, 1, 9]);
  set(OWNED.depth, 2);
  assert.equal(giveLastAt(address), Given.No);
  set(OWNED.depth, 1);
  set(MONITOR.head, 5);
  assert.deepEqual([giveAt(address), giveLastAt(address)], [Given.No, Given.No]);
  set(MONITOR.head, 0);
  assert.deepEqual(all(), [0, 0, 0, me, 0, 1, 1, 9], 'as it was');
  assert.deepEqual([giveLastAt(address), giveLastAt(address)], [Given.Yes, Given.No]);
  assert.deepEqual(all(), [0, 0, 0, 0, 0, 1, 1, 0]);
  set(OWNED.owner, me + 1);
  assert.deepEqual([takeAt(address), giveAt(address), giveLastAt(address)], [0, Given.No, Given.No]);
  set(OWNED.owner, me);
  assert.equal(giveAt(address), Given.Yes);
  assert.equal(words[start + OWNED.owner], 0);
  free(cell);
});

test('permits move when nobody else is there, and there are enough', () => {
  const cell = allocate(32);
  const balance = allocate(4);
  const [words, start] = [wordsAt(cell), wordIndex(cell)];
  const [address, account] = [addressOf(cell), addressOf(balance)];
  const move = (amount: number, limit: number) => {
    const moved = movePermitsAt(address, account, amount, limit);
    return [moved, words[start + SEMAPHORE.available], wordsAt(balance)[wordIndex(balance)]];
  };
  assert.equal(PERMITS.available / 4, SEMAPHORE.available);
  selfId();
  words[start + SEMAPHORE.available] = 2;
  assert.deepEqual(move(1, 5), [1, 1, 1]);
  assert.deepEqual(move(2, 5), [0, 1, 1], 'too few');
  assert.deepEqual(move(1, 5), [1, 0, 2]);
  assert.deepEqual(move(1, 5), [0, 0, 2], 'none');
  assert.deepEqual(move(-3, 3), [1, 3, -1]);
  assert.deepEqual(move(-1, 3), [0, 3, -1], 'too many');
  words[start + SEMAPHORE.available] = 2 ** 31 - 1;
  assert.deepEqual(move(-1, 2 ** 31 - 1), [0, 2 ** 31 - 1, -1]);
  for (const word of [MONITOR.guard, MONITOR.head]) {
    words[start + word] = 5;
    assert.deepEqual(move(1, 5), [0, 2 ** 31 - 1, -1], 'somebody is there');
    assert.equal(words[start + word], 5);
    words[start + word] = 0;
  }
  assert.equal(words[start + MONITOR.guard], 0);
  free(cell);
  free(balance);
});

test('the address of a cell stays what it is, and units are added while there are pages', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', MANY_UNITS]).toString();
  assert.deepEqual(JSON.parse(output), { covered: PAGES - 1, distinct: PAGES - 1, same: true, taken: true });
});

const MEMORY = new URL('../../dist/memory/index.js', import.meta.url).href;
const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;

const MANY_UNITS = `
  import { addressOf, ensureRealm, wordIndex, wordsAt } from '${MEMORY}';
  import { Lock } from '${LIBRARY}';
  ensureRealm();
  const offsets = Array.from({ length: 100 }, (_, i) => 2 ** 33 + i * 2 ** 16 + 64);
  const addresses = offsets.map(addressOf).filter((address) => address !== 0);
  const lock = new Lock(); // Atomics take it
  console.log(JSON.stringify({
    covered: addresses.length,
    distinct: new Set(addresses).size,
    same: offsets.map(addressOf).filter((address) => address !== 0).join() === addresses.join(),
    taken: lock.tryAcquire() && !lock.tryAcquire() && lock.token === 1 && (lock.release(), lock.tryAcquire()),
  }));`;

test('without WebAssembly there are no addresses, and locks do as always', () => {
  const program = `
    import { addressOf } from '${MEMORY}';
    import { Lock, RLock, Semaphore, Value } from '${LIBRARY}';
    const [lock, rlock, semaphore, value] = [new Lock(), new RLock(), new Semaphore(1), new Value('i32')];
    const once = [lock, rlock, semaphore].map((one) => one.tryAcquire() && (one.release(), one.tryAcquire()));
    console.log(addressOf(lock.cell.offset), once.join(), lock.tryAcquire(), lock.token, value.add(3));`;
  const output = execFileSync(process.execPath, ['--jitless', '--input-type=module', '-e', program]).toString();
  assert.equal(output, '0 true,true,true false 2 3\n');
});

onEachMethod('who has taken nothing yet gives nothing back', async ({ method }) => {
  const code = (lock: Lock): string => {
    try {
      lock.release();
      return 'released';
    } catch (error) {
      return (error as MultiprocessError).code;
    }
  };
  assert.equal(await ask(method, code, [new Lock()]).result(), 'ERR_MP_RELEASED_TOO_OFTEN');
});

onEachMethod('a child and its worker threads use them, also after it has sent functions', async ({ method }) => {
  const word = allocate(4);
  const lock = new Lock();
  const { result } = ask(method, addEverywhere, [word, lock]);
  const optimised = await result();
  // What is forked has nothing left to compile; a fresh process compiles what becomes hot.
  assert.equal(optimised, method === 'forkserver');
  assert.equal(wordsAt(word)[wordIndex(word)], 3 * TIMES);
  assert.equal(lock.token, TIMES);
  free(word);
});

test('when a thread ends its memory goes, and the realm stays', async () => {
  const word = allocate(4);
  for (let i = 0; i < 3; i++) assert.equal(await addInWorker(word), true);
  assert.equal(wordsAt(word)[wordIndex(word)], 3 * TIMES);
  free(word);
});

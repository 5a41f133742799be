import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Pool } from '../../dist/index.js';
import { closePoolsAfterEach, openPool } from './helper.ts';

const pool = openPool(2);
closePoolsAfterEach(pool);

class Refused extends RangeError {
  readonly detail: number;
  constructor(message: string, detail: number) {
    super(message);
    this.detail = detail;
  }
}

test('an error arrives as its own class, with both stacks', async () => {
  function refuse(detail: number): never {
    throw new Refused('no', detail);
  }
  const error = await pool.apply(refuse, [5]).catch((error) => error);
  assert.ok(error instanceof Refused);
  assert.equal(error.detail, 5);
  assert.match(error.stack!, /at refuse[\s\S]*--- process \d+ [\s\S]*at [^\n]*errors\.test\.ts/);
});

test('anything can be thrown', async () => {
  for (const thrown of [undefined, null, 5, 'text', { a: 1 }]) {
    const caught = await pool
      .apply(
        (value: unknown) => {
          throw value;
        },
        [thrown],
      )
      .then(
        () => assert.fail(),
        (reason) => reason,
      );
    assert.deepEqual(caught, thrown);
  }
});

test('map rejects with the first error in input order, once all items have run', async () => {
  let done = 0;
  const failing = pool.map(
    async (i: number) => {
      if (i === 2) await new Promise((resolve) => setTimeout(resolve, 50));
      if (i >= 2) throw new Error(`item ${i}`);
      return i;
    },
    [0, 1, 2, 3, 4],
    {
      onProgress: (progress) => {
        done = progress.done;
      },
    },
  );
  await assert.rejects(failing, /item 2/);
  assert.equal(done, 5);
});

test('a result that cannot be sent fails, and the worker goes on', async () => {
  const pid = await pool.apply(() => process.pid);
  for (let i = 0; i < 20; i++) {
    await assert.rejects(
      pool.apply(() => new WeakRef({})),
      { code: 'ERR_MP_CAPTURE' },
    );
  }
  assert.ok(pool.stats().pids.includes(pid));
  assert.equal(pool.stats().deaths, 0);
});

test('a function that cannot be sent is refused at once', async () => {
  const timer = setTimeout(() => {}, 1).unref();
  await assert.rejects(
    pool.apply(() => timer),
    { code: 'ERR_MP_CAPTURE' },
  );
  await assert.rejects(
    pool.map(() => timer, [1]),
    { code: 'ERR_MP_CAPTURE' },
  );
  assert.throws(() => pool.imap(() => timer, [1]), { code: 'ERR_MP_CAPTURE' });
});

test('an input that cannot be sent fails alone', async () => {
  const inputs = [1, new WeakRef({}), 3, 4];
  const outcomes = await pool.map((x: unknown) => typeof x, inputs, { settle: true, chunkSize: 4 });
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.equal((outcomes[1] as PromiseRejectedResult).reason.code, 'ERR_MP_CAPTURE');
});

test('an iterable that throws ends the map with its error, after what was read', async () => {
  function* failing() {
    yield 1;
    yield 2;
    throw new Error('no more');
  }
  await assert.rejects(pool.map(Math.abs, failing()), /no more/);
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const x of pool.imap(Math.abs, failing())) seen.push(x);
  }, /no more/);
  assert.deepEqual(seen, [1, 2]);
  await assert.rejects(
    pool.map(
      Math.abs,
      (async function* () {
        yield* failing();
      })(),
    ),
    /no more/,
  );
});

test('an error of onProgress ends the map', async () => {
  const failing = pool.map(Math.abs, [1, 2, 3], {
    onProgress: () => {
      throw new Error('of the callback');
    },
  });
  await assert.rejects(failing, /of the callback/);
});

test('bad arguments are named', async () => {
  const refused = (message: RegExp) => ({ code: 'ERR_MP_INVALID_ARG', message });
  for (const size of [0, -1, 1.5, '2', Number.NaN]) {
    assert.throws(() => new Pool(size as number), refused(/Number of processes must be at least 1/), inspect(size));
  }
  for (const limit of [0, -1, 0.5, '12']) {
    assert.throws(() => new Pool(1, { maxTasksPerChild: limit as number }), refused(/maxTasksPerChild/));
  }
  assert.throws(() => new Pool(1, { initializer: 5 as never }), refused(/initializer must be a function, not 5/));
  assert.throws(() => new Pool(1, { size: 5 } as never), refused(/unknown option 'size'; accepted are initializer/));
  assert.throws(() => new Pool(1, { context: {} as never }), refused(/context/));
  await assert.rejects(pool.apply('f' as never), refused(/fn must be a function, not "f"/));
  await assert.rejects(pool.apply(Math.abs, 5 as never), refused(/args must be an array/));
  await assert.rejects(
    pool.map(Math.abs, 5 as never),
    refused(/iterable must be an iterable or async iterable, not 5/),
  );
  await assert.rejects(pool.map(Math.abs, [1], { chunksize: 2 } as never), refused(/unknown option 'chunksize'/));
  await assert.rejects(pool.map(Math.abs, [1], { chunkSize: -1 }), refused(/chunkSize/));
  assert.throws(() => pool.imap(Math.abs, null as never), refused(/iterable/));
});

test('a pool cannot be sent', async () => {
  await assert.rejects(
    pool.apply(() => pool.stats()),
    { code: 'ERR_MP_CAPTURE', message: /pool objects cannot be passed between processes/ },
  );
});

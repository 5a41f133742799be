/** One case, run for every start method. */
import { type TestContext, test } from 'node:test';
import { type Context, getContext, type StartMethod } from 'multiprocess';

/** `npm test` names those that depend on the version of Node.js where it runs tests on another one than its own. */
export const METHODS = (process.env.MP_TEST_METHODS?.split(',') ?? ['forkserver', 'spawn']) as readonly StartMethod[];

/** Where something runs: in processes of a start method, or in threads of this one. */
export type Way = StartMethod | 'thread';

export const WAYS: readonly Way[] = [...METHODS, 'thread'];

export interface Case {
  method: StartMethod;
  /** The API bound to that method. */
  mp: Context;
  t: TestContext;
}

/** Appends the start method to the title. */
export function onEachMethod(title: string, body: (given: Case) => unknown, options: { skip?: string } = {}): void {
  for (const method of METHODS) {
    test(`${title} (${method})`, options, async (t) => {
      await body({ method, mp: getContext(method), t });
    });
  }
}

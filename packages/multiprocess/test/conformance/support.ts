/** Cases of CPython's test suite, under their own names. ledger.json says what has become of each. */
import { test } from 'node:test';
import { type Case, onEachMethod, WAYS, type Way } from '../process/support/matrix.ts';
import { onEachWay } from '../sync/crew.ts';

/** A case that CPython runs for every start method, and that is about processes. */
export function conforms(klass: string, name: string, body: (given: Case) => unknown): void {
  onEachMethod(`${klass}.${name}`, body);
}

/**
 * A case that CPython runs with threads, too. How processes were started makes no difference to most of them, and spawning takes
 * long: spawned ones have their turn with MP_TEST=full only, unless `ways` has them.
 */
export function conformsEverywhere(
  klass: string,
  name: string,
  body: Parameters<typeof onEachWay>[1],
  ways: readonly Way[] = process.env.MP_TEST === 'full' ? WAYS : ['forkserver', 'thread'],
): void {
  onEachWay(`${klass}.${name}`, body, ways);
}

/** A case that does not depend on the start method. */
export function conformsOnce(klass: string, name: string, body: () => unknown): void {
  test(`${klass}.${name}`, async () => {
    await body();
  });
}

export const stay = (): Promise<never> => new Promise(() => setInterval(() => {}, 1000));

/** The code of what `act` throws. */
export function codeOf(act: () => unknown): string {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

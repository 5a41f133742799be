/** Cases of CPython's test suite, under their own names. ledger.json says what has become of each. */
import { test } from 'node:test';
import { type Case, onEachMethod } from '../process/support/matrix.ts';
import { onEachWay } from '../sync/crew.ts';

/** A case that CPython runs for every start method. */
export function conforms(klass: string, name: string, body: (given: Case) => unknown): void {
  onEachMethod(`${klass}.${name}`, body);
}

/**
 * A case that CPython runs with threads: here with processes, too. How these were started makes no difference to what is tested,
 * and spawning takes long, so that spawned ones have their turn with MP_TEST=full only.
 */
export function conformsEverywhere(klass: string, name: string, body: Parameters<typeof onEachWay>[1]): void {
  onEachWay(`${klass}.${name}`, body, process.env.MP_TEST === 'full' ? undefined : ['forkserver', 'thread']);
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

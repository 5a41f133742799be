import type { ItemFunction } from './loadFunction.ts';

/** What a worker does with one input: the user's function, then JSON, so that encoding runs on all cores, too. */
export function makeTask(fn: ItemFunction): (input: string) => Promise<string> {
  return async (input) => toJson(await fn(input));
}

/** The value as JSON in one line; what JSON does not know, as undefined, becomes null. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    throw new TypeError(`the result cannot be written as JSON: ${(error as Error).message.split('\n', 1)[0]}`);
  }
}

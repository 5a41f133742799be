import { inspect } from 'node:util';
import { describe } from '../errors.ts';
import type { ErrorSummary } from './wire/format.ts';

/** What can always be said about a thrown value, however hostile it is. */
export function summarize(thrown: unknown): ErrorSummary {
  const name = text(() => (thrown as Error).name, 'Error');
  const message = text(() => (thrown as Error).message, shown(thrown));
  return { name, message, stack: text(() => (thrown as Error).stack, `${name}: ${message}`), pid: process.pid };
}

function text(read: () => unknown, otherwise: string): string {
  try {
    const value = read();
    return typeof value === 'string' ? value : otherwise;
  } catch {
    return otherwise;
  }
}

function shown(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? inspect(value, { depth: 2 }) : describe(value);
  } catch {
    return 'a value that cannot be shown';
  }
}

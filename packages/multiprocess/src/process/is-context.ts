import { Process } from './process.ts';

/** Whether an option is a context, as of `getContext('spawn')`: something whose `Process` is ours. */
export function isContext(value: unknown): boolean {
  const candidate = (value as { Process?: unknown } | null)?.Process;
  return candidate === Process || (typeof candidate === 'function' && candidate.prototype instanceof Process);
}

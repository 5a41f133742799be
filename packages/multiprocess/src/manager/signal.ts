/** `{ timeout, signal }` as the last argument of a call: the signal stays here. */
import type { Args } from './protocol.ts';

export function withoutSignal(args: Args): { args: Args; signal: AbortSignal | undefined } {
  const last = args.at(-1) as { signal?: unknown } | undefined;
  if (typeof last !== 'object' || last === null || !(last.signal instanceof AbortSignal))
    return { args, signal: undefined };
  const { signal, ...rest } = last;
  return { args: [...args.slice(0, -1), rest], signal: signal as AbortSignal };
}

/** Exit statuses, as the shell sees them. */
export const Exit = {
  ok: 0,
  /** At least one item failed. */
  itemsFailed: 1,
  /** The command could not be understood, or not be carried out at all. */
  usage: 2,
  /** Whoever read our output closed it; as for every program that SIGPIPE ends. */
  readerGone: 141,
  /** Ended by a signal: this plus the signal's number. */
  signal: 128,
} as const;

/** What the user got wrong, or what the system refused: told in one line, without a stack, with exit status 2. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The message of anything thrown, in one line. */
export function oneLine(error: unknown): string {
  const { message, name } = (error ?? {}) as Partial<Error>;
  const text = typeof message === 'string' ? message || name || '' : String(error);
  return text.split('\n', 1)[0]!;
}

/** A system error in words, without Node's "ENOENT: …, open '…'" around it. */
export function systemReason(error: unknown): string {
  const text = oneLine(error);
  return /^[A-Z0-9]+: ([^,]+), /.exec(text)?.[1] ?? text;
}

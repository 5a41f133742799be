/** Runs `body`, which must be synchronous, and drops those of Node's warnings meanwhile that have `part` in them. */
export function withoutWarning<T>(part: string, body: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = ((warning: unknown, ...rest: unknown[]) => {
    if (!String(warning).includes(part)) Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return body();
  } finally {
    process.emitWarning = emitWarning;
  }
}

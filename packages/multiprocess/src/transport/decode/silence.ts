let done = false;

/**
 * Node warns, once per process, when code compiled with USE_MAIN_CONTEXT_DEFAULT_LOADER first imports something. Has it
 * do so now, inside one synchronous call, and drops exactly that warning.
 */
export function silenceLoaderWarning(importNothing: () => Promise<unknown>): void {
  if (done) return;
  done = true;
  const { emitWarning } = process;
  process.emitWarning = ((warning: unknown, ...rest: unknown[]) => {
    if (String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    importNothing().catch(() => {});
  } finally {
    process.emitWarning = emitWarning;
  }
}

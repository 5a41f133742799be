/** Node.js options: those of this process, and those that a child is to have. */

/** Options that belong to one process: passed on, they would stop, test or evaluate something once more. */
const OWN =
  /^--?(inspect|debug|test|watch|eval|print|check|interactive|input-type|experimental-default-type|heap-prof|prof|cpu-prof|single-threaded|[epci]$)/;
/** Options of that kind whose value stands in the next argument. */
const OWN_WITH_VALUE =
  /^(-e|-p|-pe|--eval|--print|--inspect-port|--debug-port|--input-type|--watch-path|--test-[\w-]+)$/;

/** `process.execArgv` without what is this process's own affair. */
export function inheritableExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const option = execArgv[i]!;
    if (!OWN.test(option)) kept.push(option);
    else if (OWN_WITH_VALUE.test(option) && !execArgv[i + 1]?.startsWith('--')) i++;
  }
  return kept;
}

/** All options that this Node runs with, from the command line and from NODE_OPTIONS. */
export function nodeOptions(): string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS?.split(/\s+/) ?? [])];
}

/** Node.js options: those of this process, and those that a child is to have. */

/** Options that belong to one process: passed on, they would stop, test or evaluate something once more. */
const OWN =
  /^--?(inspect|debug|test|watch|eval|print|check|interactive|input-type|experimental-default-type|heap-prof|prof|cpu-prof|single-threaded|[epci]$)/;
/** Options whose value is code, which may begin with anything. */
const EVAL = /^(-e|-p|-pe|--eval|--print)$/;

/** `process.execArgv` without what is this process's own affair. */
export function inheritableExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const option = execArgv[i]!;
    if (!OWN.test(option)) kept.push(option);
    else if (EVAL.test(option) || !execArgv[i + 1]?.startsWith('-')) i++; // its value is an argument of its own
  }
  return kept;
}

/** All options that this Node runs with, from the command line and from NODE_OPTIONS. */
export function nodeOptions(): string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS?.split(/\s+/) ?? [])];
}

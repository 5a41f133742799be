/** Target and arguments are checked against each other. It only has to compile: `npm run typecheck`. */
import { test } from 'node:test';
import { Process } from 'multiprocess';

const add = (a: number, b: string) => `${a}${b}`;
const withOptions = (a: number, options: { deep: boolean }) => [a, options];

/** Never called. */
export function compiles(): void {
  new Process({ target: add, args: [1, 'x'] });
  new Process({ target: () => {} });
  new Process({ target: withOptions, args: [1], kwargs: { deep: true } });
  new Process({ name: 'n', daemon: true, orphan: 'kill', group: null, env: {}, cwd: '/', execArgv: [] });
  // @ts-expect-error the second argument is a string
  new Process({ target: add, args: [1, 2] });
  // @ts-expect-error one argument too many
  new Process({ target: add, args: [1, 'x', 3] });
  // @ts-expect-error kwargs are the last parameter
  new Process({ target: withOptions, args: [1], kwargs: { deep: 1 } });
  // @ts-expect-error no such option
  new Process({ target: add, args: [1, 'x'], deamon: true });
  // @ts-expect-error not a function
  new Process({ target: 'add' });
  // @ts-expect-error no such policy
  new Process({ orphan: 'stay' });
  const child = new Process({ target: add, args: [1, 'x'] });
  const code: number | null = child.exitCode;
  const ended: Promise<boolean> = child.join({ timeout: 1, signal: AbortSignal.timeout(1) });
  // @ts-expect-error milliseconds are a number
  void child.join('1');
  // @ts-expect-error read-only
  child.pid = 1;
  void [code, ended];
}

test('types are checked by the compiler', () => {});

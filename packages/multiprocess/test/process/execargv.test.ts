/** Which of a program's Node.js options its zygote gets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inheritableExecArgv } from '../../dist/process/execargv.js';

for (const [given, kept] of [
  [
    ['--no-warnings', '--max-old-space-size=100'],
    ['--no-warnings', '--max-old-space-size=100'],
  ],
  [
    ['--import', './hooks.mjs', '--inspect'],
    ['--import', './hooks.mjs'],
  ],
  [['--cpu-prof', '--cpu-prof-interval', '200', '--no-warnings'], ['--no-warnings']],
  [
    ['--cpu-prof-interval=200', '-C', 'dev'],
    ['-C', 'dev'],
  ],
  [['--input-type=module', '-e', '--x; y()', '--no-warnings'], ['--no-warnings']],
  [['--input-type', 'module', '--eval', 'y()'], []],
] as const) {
  test(`of '${given.join(' ')}' it gets '${kept.join(' ')}'`, () => {
    assert.deepEqual(inheritableExecArgv(given), kept);
  });
}

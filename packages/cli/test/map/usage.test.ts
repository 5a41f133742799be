import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mp } from '../support/mp.ts';

const WRONG: [what: string, words: string[], message: RegExp][] = [
  ['no module', ['map'], /missing required argument 'module\[#export\]'/],
  ['an unknown option', ['map', './upper.ts', '--foo'], /unknown option '--foo'/],
  ['an unknown command', ['mop'], /unknown command 'mop'/],
  ['a module that is not there', ['map', './nowhere.ts', 'a'], /cannot find module '.\/nowhere.ts'/],
  ['a package that is not there', ['map', 'nopackage', 'a'], /cannot find module 'nopackage'/],
  [
    'a module that throws',
    ['map', './broken.ts', 'a'],
    /cannot load '.\/broken.ts': broken on purpose \(broken.ts:1:7\)/,
  ],
  [
    'an export that is not there',
    ['map', './upper.ts#lower', 'a'],
    /no export 'lower'; its functions: default, length, nothing/,
  ],
  [
    'an export that is no function',
    ['map', './upper.ts#notAFunction', 'a'],
    /'notAFunction' .* is not a function \(number\)/,
  ],
  ['a glob without matches', ['map', './upper.ts', '*.nope'], /no file matches '\*.nope'/],
  [
    'a file that is not there',
    ['map', './upper.ts', '--files', 'nope'],
    /cannot read 'nope': no such file or directory/,
  ],
  [
    'a file of lines that is not there',
    ['map', './upper.ts', '--lines', 'nope'],
    /cannot read 'nope': no such file or directory/,
  ],
  [
    'an output that cannot be written',
    ['map', './upper.ts', 'a', '-o', '/nowhere/x'],
    /cannot write '\/nowhere\/x': no such file or directory/,
  ],
  ['a wrong number', ['map', './upper.ts', 'a', '-p', '0'], /'0' is invalid.*whole number from 1/],
  [
    'a time that is none',
    ['map', './upper.ts', 'a', '--timeout', '5 days'],
    /'5 days' is invalid.*as 500ms, 30s or 5m/,
  ],
  ['no time at all', ['map', './upper.ts', 'a', '--timeout', '0'], /'0' is invalid.*above 0/],
  ['retries that are no number', ['map', './upper.ts', 'a', '--retries', '-1'], /'-1' is invalid.*whole number/],
  [
    'two orders',
    ['map', './upper.ts', '--ordered', '--unordered'],
    /'--ordered' cannot be used with option '--unordered'/,
  ],
  ['nothing to resume', ['map', './upper.ts', 'a', '--resume'], /--resume needs --output FILE/],
  [
    'an output that is no file',
    ['map', './upper.ts', 'a', '--resume', '-o', '/dev/null'],
    /cannot resume from '\/dev\/null': it is not a file/,
  ],
  [
    'two kinds of inputs',
    ['map', './upper.ts', '--lines', '--args', 'a'],
    /'--lines' cannot be used with option '--args'/,
  ],
];

for (const [what, words, message] of WRONG) {
  test(`${what}: one clear line, exit status 2`, async () => {
    const { status, stdout, stderr } = await mp(words);
    assert.match(stderr, message);
    assert.match(stderr, /^mp: .*\n$/);
    assert.equal(stdout, '');
    assert.equal(status, 2);
  });
}

test('--help and --version go to stdout', async () => {
  const help = await mp(['map', '--help']);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: mp map[\s\S]*Examples:[\s\S]*Exit status:/);
  const version = await mp(['--version']);
  assert.deepEqual([version.status, version.stdout], [0, '0.1.0\n']);
});

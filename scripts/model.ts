/**
 * Checks the models of the synchronisation algorithms with spin: `npm run model [-- lock]`. Needs spin and a C compiler.
 * Broken variants are checked, too: spin must refute them. packages/multiprocess/test/model/README.md says more.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Check, checks } from '../packages/multiprocess/test/model/checks.ts';

const models = fileURLToPath(new URL('../packages/multiprocess/test/model', import.meta.url));
const [only = ''] = process.argv.slice(2);

for (const [tool, version] of [['spin', '-V'] as const, ['gcc', '--version'] as const]) {
  if (spawnSync(tool, [version]).error === undefined) continue;
  console.error(`${tool} is missing: apt-get install spin gcc`);
  process.exit(1);
}

let failures = 0;
const columns = (...texts: string[]) => {
  const widths = [10, 52, 40, 10, 9, 8];
  console.log(texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' '));
};
columns('model', 'checked', 'options', 'states', 'depth', 'seconds', 'result');
for (const check of checks) if (check.model.includes(only)) run(check);
console.log(failures === 0 ? 'model: all as expected' : `model: ${failures} not as expected`);
process.exitCode = failures === 0 ? 0 : 1;

function run(check: Check): void {
  const folder = mkdtempSync(join(tmpdir(), 'mp-model-'));
  const started = performance.now();
  try {
    const { states, depth, refuted, problem } = verify(check, folder);
    const expected = check.broken !== undefined;
    const good = problem === undefined && refuted === expected;
    failures += good ? 0 : 1;
    const result = refuted ? (expected ? 'refuted, as it should be' : 'REFUTED') : expected ? 'NOT REFUTED' : 'holds';
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const title = check.broken ?? check.title;
    columns(check.model, title, check.defines, states, depth, seconds, problem ?? result);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function verify({ model, defines, claim, broken }: Check, folder: string) {
  const flags = defines.split(' ').filter(Boolean);
  const generate = flags.map((flag) => `-D${flag}`);
  const failure = step('spin', [...generate, '-a', join(models, `${model}.pml`)], folder);
  if (failure) return { states: '', depth: '', refuted: false, problem: failure };
  const kind = claim === undefined ? ['-DSAFETY', '-DNOCLAIM'] : [];
  const speed = broken === undefined ? '-O1' : '-O0'; // what is refuted is so soon: compiling takes longer
  const wrong = step('gcc', [speed, '-w', '-DCOLLAPSE', '-DMEMLIM=4000', ...kind, '-o', 'pan', 'pan.c'], folder);
  if (wrong) return { states: '', depth: '', refuted: false, problem: wrong };
  const ends = goesOn(model) ? ['-E'] : [];
  const search = claim === undefined ? ends : ['-a', '-f', '-N', claim];
  const { stdout } = spawnSync('nice', ['./pan', '-m3000000', ...search], { cwd: folder, encoding: 'utf8' });
  const find = (pattern: RegExp) => pattern.exec(stdout)?.[1] ?? '';
  const incomplete = /max search depth too small|out of memory|Search not completed|memory limit/.exec(stdout)?.[0];
  const refuted = Number(find(/errors: (\d+)/)) > 0;
  return {
    states: find(/(\d+) states, stored/),
    depth: find(/depth reached (\d+)/),
    refuted,
    problem:
      refuted || (incomplete === undefined && stdout.includes('errors: ')) ? undefined : (incomplete ?? 'no result'),
  };
}

/** Models whose threads never end, and so wait nowhere for ever. */
function goesOn(model: string): boolean {
  return model === 'monitor' || model === 'records';
}

function step(command: string, args: string[], cwd: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return status === 0 && !/Error/.test(stdout) ? undefined : `${command} failed: ${stdout}${stderr}`;
}

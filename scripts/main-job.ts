/**
 * The main job (`npm start`): `mp map examples/precompress.ts` over every text file below node_modules, on all cores; then
 * the same command with `--processes 1`, to see what the cores were worth.
 *
 * npm start [-- --dir some/other/tree] [-- --once]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Precompressed } from '../examples/precompress.ts';
import { bytes, count, duration } from '../packages/cli/src/terminal/format.ts';
import { styleFor } from '../packages/cli/src/terminal/style.ts';

const TEXT = 'js,mjs,cjs,ts,mts,cts,jsx,tsx,json,map,md,txt,html,css,svg,xml,yml,yaml,c,cc,h,hpp,py,sh';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Ignored by git. */
const OUT = 'build/main-job';

const { values: options } = parseArgs({
  options: { dir: { type: 'string', default: 'node_modules' }, once: { type: 'boolean', default: false } },
});
const { bold, dim, green, red } = styleFor(process.stdout);

process.chdir(ROOT);
mkdirSync(OUT, { recursive: true });

process.on('SIGINT', () => {}); // Ctrl-C is for the command; this waits for what it has to say

const cores = availableParallelism();
const load = loadavg()[0]!;
const parallel = precompressAll(`${OUT}/precompressed.jsonl`);
const single = options.once || cores === 1 ? undefined : precompressAll(`${OUT}/one-process.jsonl`, '--processes', '1');

const before = sum(parallel.files, 'bytes');
const after = sum(parallel.files, 'compressed');
row('files', `${count(parallel.files.length)} text files below ${options.dir}`);
row('bytes', `${bytes(before)} in, ${bytes(after)} out ${dim(`(${((after / before) * 100).toFixed(1)}%)`)}`);
row(
  'time',
  `${duration(parallel.ms)} with ${count(cores)} processes${single ? `, ${duration(single.ms)} with one` : ''}`,
);
row('throughput', `${bytes((before / parallel.ms) * 1000)}/s`);
if (single) {
  const same = isSame(parallel.files, single.files);
  row('speed-up', green(bold(`${(single.ms / parallel.ms).toFixed(2)}x`)) + dim(` on ${count(cores)} cores`));
  row('results', same ? 'the same in both runs, byte for byte' : red('differ between the two runs'));
  if (!same) process.exitCode = 1;
}
if (load > cores / 2)
  row('note', `the machine was busy (load ${load.toFixed(1)} at the start): times are those of a shared machine`);
row('written to', `${OUT}/precompressed.jsonl`);

/** Runs the command as a user would, from start to exit. */
function precompressAll(output: string, ...more: string[]): { ms: number; files: Precompressed[] } {
  const words = ['map', 'examples/precompress.ts', `${options.dir}/**/*.{${TEXT}}`, '-o', output, ...more];
  console.log(dim('$ ') + bold(`mp ${words.map((word) => (/[*{]/.test(word) ? `'${word}'` : word)).join(' ')}`));
  const started = performance.now();
  const { status, signal } = spawnSync(process.execPath, ['packages/cli/bin/mp.js', ...words], { stdio: 'inherit' });
  const ms = performance.now() - started;
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
  console.log();
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
  return { ms, files: lines.map((line) => JSON.parse(line) as Precompressed) };
}

function sum(files: Precompressed[], field: 'bytes' | 'compressed'): number {
  return files.reduce((total, file) => total + file[field], 0);
}

function isSame(some: Precompressed[], others: Precompressed[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

function row(name: string, value: string): void {
  console.log(`${dim(name.padStart(11))}  ${value}`);
}

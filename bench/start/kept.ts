/** What it saves to keep the library's compiled code: the same package with and without it. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rounds } from '../options.ts';
import { program } from '../program.ts';
import { median } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

const LOAD = new URL('./fixtures/load.ts', import.meta.url);
const PACKAGE = path.resolve(import.meta.dirname, '../../packages/multiprocess');

/** In ms. */
interface Times {
  import: number;
  child: number;
  spawned: number;
  thread: number;
}

export async function run(): Promise<void> {
  const copy = withoutKeptCode();
  try {
    const packages = { kept: PACKAGE, 'compiled each time': copy };
    const samples = Object.keys(packages).map((): Times[] => []);
    for (let round = 0; round < rounds(7); round++) {
      for (const [i, folder] of Object.values(packages).entries()) samples[i]!.push(await program(LOAD, folder));
    }
    printTable(
      'loading the library, with its compiled code kept and without: ms (medians)',
      ['', 'import', 'first child', 'spawned child', 'first thread'],
      Object.keys(packages).map((name, i) => {
        const of = (key: keyof Times) => figure(median(samples[i]!.map((sample) => sample[key])));
        return [name, of('import'), of('child'), of('spawned'), of('thread')];
      }),
    );
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** A package like ours in which nothing was kept. */
function withoutKeptCode(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'bench-kept-'));
  cpSync(path.join(PACKAGE, 'dist'), path.join(copy, 'dist'), {
    recursive: true,
    filter: (file) => !file.endsWith('.cache'),
  });
  for (const shared of ['build', 'package.json']) symlinkSync(path.join(PACKAGE, shared), path.join(copy, shared));
  symlinkSync(path.resolve(PACKAGE, '../../node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

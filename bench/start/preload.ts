/** A 200 MB table, preloaded into the zygote: children have it at once, and share its memory. */
import { rounds } from '../options.ts';
import { program } from '../program.ts';
import { python, pythonVersion } from '../python.ts';
import { median } from '../rivals.ts';
import { figure, megabytes, printTable } from '../table.ts';

const USE_TABLE = new URL('./fixtures/use-table.ts', import.meta.url);
const USE_TABLE_PYTHON = `${import.meta.dirname}/fixtures/use_table.py`;

/** Of one program: milliseconds, and private bytes per child. */
interface Costs {
  first: number;
  exit: number;
  afterOne: number;
  afterAll: number;
}

export async function run(): Promise<void> {
  const programs: [string, () => Promise<Costs>][] = [
    ['no table', () => program(USE_TABLE, 'absent')],
    ['preloaded', () => program(USE_TABLE, 'preloaded')],
    ['imported by each child', () => program(USE_TABLE, 'imported')],
  ];
  if (pythonVersion()) programs.push(['CPython forkserver, preloaded', () => python(USE_TABLE_PYTHON)]);

  const samples = programs.map((): Costs[] => []);
  for (let round = 0; round < rounds(3); round++) {
    for (const [i, [, measure]] of programs.entries()) samples[i]!.push(await measure());
  }
  printTable(
    'children that use a table of 200 MB (medians)',
    ['', 'first start to exit, ms', 'later ones', 'private MB, one entry read', 'all read'],
    programs.map(([name], i) => row(name, samples[i]!)),
  );
}

function row(name: string, samples: Costs[]): string[] {
  const of = (key: keyof Costs) => median(samples.map((sample) => sample[key]));
  return [name, figure(of('first')), figure(of('exit')), megabytes(of('afterOne')), megabytes(of('afterAll'))];
}

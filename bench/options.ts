/** What the command line asks for. */
import { parseArgs } from 'node:util';

const USAGE = 'usage: npm run bench -- [names] [--rounds N] [--quick] [--only PARTS]';

export const options = parse();

/** How many rounds to measure: `--rounds`, or else what the benchmark thinks right. */
export function rounds(usual: number): number {
  return options.rounds ?? (options.quick ? Math.min(3, usual) : usual);
}

/** A size of work: a fifth of it with `--quick`. */
export function amount(usual: number): number {
  return options.quick ? Math.max(1, Math.round(usual / 5)) : usual;
}

function parse(): { names: string[]; rounds: number | undefined; quick: boolean; only: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false }, only: { type: 'string' } },
    });
    const count = values.rounds === undefined ? undefined : Number(values.rounds);
    if (count !== undefined && !(Number.isInteger(count) && count > 0)) {
      throw new Error(`--rounds must be a positive integer, not '${values.rounds}'`);
    }
    return { names: positionals, rounds: count, quick: values.quick, only: values.only };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

import { rounds } from '../options.ts';
import { compare, type Result, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

export const ROUNDS = 5;

/** Measures, and prints a table beside `CPython Lock`. */
export async function report(title: string, unit: string, rivals: Rival[]): Promise<Result[]> {
  const results = await compare(rivals, rounds(ROUNDS));
  printTable(
    `${title} (medians)`,
    ['', unit, 'lowest..highest', 'vs CPython'],
    results.map((result) => [
      result.name,
      figure(result.median),
      `${figure(result.lowest)}..${figure(result.highest)}`,
      ratio(results, 'CPython Lock', result),
    ]),
  );
  return results;
}

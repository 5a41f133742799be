/** Samples of time and of processor time, and tables of them. */
import { addGoal } from './goals.ts';
import { compare, median, type Result, ratio } from './rivals.ts';
import { figure, printTable } from './table.ts';

export interface Sample {
  /** Microseconds per message, or per round trip. */
  time: number;
  /** Microseconds of processor time, all sides together: what a busy machine disturbs least. */
  cpu: number;
}

export interface Contender {
  name: string;
  measure(): Promise<Sample>;
}

export interface Measured extends Result {
  cpu: number;
}

export async function contest(contenders: readonly Contender[], rounds: number): Promise<Measured[]> {
  const cpu = contenders.map((): number[] => []);
  const results = await compare(
    contenders.map(({ name, measure }, i) => ({
      name,
      async measure() {
        const sample = await measure();
        cpu[i]!.push(sample.cpu);
        return sample.time;
      },
    })),
    rounds,
  );
  return results.map((result, i) => ({ ...result, cpu: median(cpu[i]!) }));
}

export interface Column {
  head: string;
  cell(result: Measured): string;
}

export const rate: Column = { head: 'messages/s', cell: ({ median }) => Math.round(1e6 / median).toLocaleString('en') };
export const micros: Column = { head: 'us', cell: ({ median }) => figure(median) };
export const spread: Column = {
  head: 'lowest..highest us',
  cell: ({ lowest, highest }) => `${figure(lowest)}..${figure(highest)}`,
};
export const cpuTime: Column = { head: 'cpu us', cell: ({ cpu }) => figure(cpu) };
export const bandwidth = (bytes: number): Column => ({
  head: 'GB/s',
  cell: ({ median }) => figure(bytes / median / 1000),
});
export const against = (results: readonly Measured[], rival: string): Column => ({
  head: `vs ${rival}`,
  cell: (result) => ratio(results, rival, result),
});

export function printResults(title: string, results: readonly Measured[], columns: readonly Column[]): void {
  printTable(
    title,
    ['', ...columns.map(({ head }) => head)],
    results.map((result) => [result.name, ...columns.map(({ cell }) => cell(result))]),
  );
}

/** Notes a goal of the project: by wall clock we must be at least `least` times as good. */
export function goal(what: string, found: Lead | undefined, least: number): void {
  if (!found) return;
  const text = `${what}: ${figure(found.time)}x, goal ${least}x (processor time: ${figure(found.cpu)}x)`;
  addGoal(found.time >= least, text);
}

interface Lead {
  time: number;
  cpu: number;
}

/** How many times as good `ours` is as the best of those rivals that ran; undefined: none ran. */
export function lead(results: readonly Measured[], ours: string, names: readonly string[]): Lead | undefined {
  const rivals = results.filter(({ name }) => names.includes(name));
  const mine = results.find(({ name }) => name === ours);
  if (!mine || rivals.length === 0) return undefined;
  return {
    time: Math.min(...rivals.map(({ median }) => median)) / mine.median,
    cpu: Math.min(...rivals.map(({ cpu }) => cpu)) / mine.cpu,
  };
}

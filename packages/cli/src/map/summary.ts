import { count, duration, plural, rate } from '../terminal/format.ts';
import type { Counters } from '../terminal/progressLine.ts';
import type { Style } from '../terminal/style.ts';

export interface Summary {
  counters: Counters;
  noun: string;
  elapsed: number;
  processes: number;
  stopped: boolean;
  output: string | undefined;
  /** Each line of the output says what it belongs to. */
  withInput: boolean;
}

/** The closing line: '9,749 files, 2 failed, in 25.3 s (385/s, 2 processes)'. */
export function summarize(
  { counters, noun, elapsed, processes, stopped, output, withInput }: Summary,
  style: Style,
): string {
  const { done, failed, total } = counters;
  const failures = failed > 0 ? `, ${style.red(`${count(failed)} failed`)}` : '';
  const pace = style.dim(`(${rate((done / elapsed) * 1000)}, ${plural(processes, 'process')})`);
  if (!stopped) return `${style.bold(plural(done, noun))}${failures}, in ${duration(elapsed)} ${pace}\n`;
  const of = total === undefined ? '' : ` of ${count(total)}`;
  const kept = output ? `; their results are in ${output}${withInput ? ' (--resume goes on)' : ''}` : '';
  return `${style.yellow('stopped:')} ${style.bold(`${count(done)}${of} done`)}${failures}, in ${duration(elapsed)} ${pace}${kept}\n`;
}

/** The opening line of a run that goes on: 'resuming: 5,557 done in sizes.jsonl'. */
export function resuming(done: number, output: string, style: Style): string {
  return `${style.yellow('resuming:')} ${style.bold(`${count(done)} done`)} ${style.dim(`in ${output}`)}\n`;
}

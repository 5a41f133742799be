import { CommandError, oneLine } from '../failure.ts';
import type { Counters } from '../terminal/progressLine.ts';
import { describeFailure, type FailureRecord } from './failures.ts';
import type { Inputs } from './inputs/index.ts';
import { Ordered } from './ordered.ts';
import type { Output } from './output.ts';

/** How many results may wait for a slow one before them. */
const WINDOW = 10_000;

/** What a pool says about one item. */
export type Outcome<R> = { index: number } & (
  | { status: 'fulfilled'; value: R }
  | { status: 'rejected'; reason: unknown }
);

/** Applies the task to inputs on all cores, in any order; reads ahead as far as it needs to keep the workers busy. */
export type Apply = (inputs: AsyncIterable<string>) => AsyncIterable<Outcome<string>>;

export interface Run {
  inputs: Inputs;
  apply: Apply;
  output: Output;
  /** Also gets the failures, each as a line. */
  errors: Output | undefined;
  inOrder: boolean;
  /** Lines are `{"input":…,"value":…}`, or `{"input":…,"error":…}` for a failed item; otherwise bare results. */
  withInput: boolean;
  /** Kept up to date for the progress line. */
  counters: Counters;
  onFailure: (failure: FailureRecord) => void;
  /** Prints results without tearing the progress line apart. */
  above: (print: () => void) => void;
  /** Aborted: takes no more inputs; what is done is still written. */
  signal: AbortSignal;
}

/** Feeds the inputs to the workers and writes what comes back, at the pace of whoever reads it. */
export async function run(options: Run): Promise<void> {
  const { output, errors, signal, above } = options;
  const pending = new Map<number, string>();
  const ordered = options.inOrder ? new Ordered<string | undefined>(WINDOW) : undefined;
  const print = (lines: Iterable<string | undefined>) => {
    for (const line of lines) if (line !== undefined) above(() => output.write(line));
  };
  try {
    for await (const outcome of options.apply(feed(options, ordered, pending))) {
      const input = pending.get(outcome.index)!;
      pending.delete(outcome.index);
      if (signal.aborted && isCutOff(outcome)) continue;
      const line = toLine(options, input, outcome);
      print(ordered ? ordered.add(outcome.index, line) : [line]);
      const written = output.ready();
      if (written) await written;
      const reported = errors?.ready();
      if (reported) await reported;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (ordered) print(ordered.rest());
}

/** What a stop has ended has neither succeeded nor failed. */
function isCutOff(outcome: Outcome<string>): boolean {
  const code = outcome.status === 'rejected' && (outcome.reason as { code?: unknown } | null)?.code;
  return code === 'ERR_MP_CANCELLED' || code === 'ERR_MP_WORKER_DIED';
}

/** The inputs, one by one, remembered until their outcome is there. */
async function* feed(
  { inputs, counters, signal }: Run,
  ordered: Ordered<unknown> | undefined,
  pending: Map<number, string>,
) {
  let index = 0;
  try {
    for await (const input of inputs.items) {
      if (signal.aborted) return;
      await ordered?.admit();
      pending.set(index++, input);
      yield input;
    }
    counters.total = index;
  } catch (error) {
    if (!signal.aborted)
      throw error instanceof CommandError ? error : new CommandError(`cannot read the inputs: ${oneLine(error)}`);
  }
}

/** Counts an outcome and gives its output line; undefined when it has none. */
function toLine(
  { withInput, counters, errors, onFailure }: Run,
  input: string,
  outcome: Outcome<string>,
): string | undefined {
  counters.done++;
  // The worker has made JSON of the value already.
  if (outcome.status === 'fulfilled')
    return withInput ? `{"input":${JSON.stringify(input)},"value":${outcome.value}}` : outcome.value;
  counters.failed++;
  const failure = describeFailure(input, outcome.reason);
  onFailure(failure);
  errors?.write(JSON.stringify(failure));
  return withInput ? JSON.stringify(failure) : undefined;
}

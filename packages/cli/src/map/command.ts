import { ensureForkserver, processCpuCount } from 'multiprocess';
import { CommandError, Exit } from '../failure.ts';
import { type Counters, ProgressLine } from '../terminal/progressLine.ts';
import { styleFor } from '../terminal/style.ts';
import { FailureReport } from './failures.ts';
import { chooseInputs } from './inputs/index.ts';
import { loadFunction } from './loadFunction.ts';
import { kindOf, type MapOptions } from './options.ts';
import { openFile, ReaderGone, standardOutput } from './output.ts';
import { redirectPrints } from './redirectPrints.ts';
import { type Done, readDone, without } from './resume.ts';
import { run } from './run.ts';
import { Stop } from './stop.ts';
import { resuming, summarize } from './summary.ts';
import { applyOnPool } from './workers.ts';

/** `mp map`: resolves to the exit status. Throws `CommandError`. */
export async function map(module: string, words: string[], options: MapOptions): Promise<number> {
  ensureForkserver(); // it gets ready while the function is loaded and the inputs are found
  const stdout = redirectPrints();
  const fn = await loadFunction(module);
  const all = await chooseInputs(words, {
    kind: kindOf(options),
    ignore: options.ignore ?? [],
    stdin: process.stdin,
  });
  const done = await doneBefore(options);
  const inputs = done ? without(all, done) : all;
  const { timeout, retries } = options;
  const withInput = Boolean(options.withInput || options.resume);
  const processes = options.processes ?? processCpuCount();
  const output = options.output === undefined ? standardOutput(stdout) : openFile(options.output, options.resume);
  const errors = options.errors === undefined ? undefined : openFile(options.errors);

  const counters: Counters = { done: 0, failed: 0, total: inputs.total };
  const style = styleFor(process.stderr);
  if (done?.count && !options.quiet) process.stderr.write(resuming(done.count, options.output!, style));
  const line = new ProgressLine(
    process.stderr,
    counters,
    options.progress ?? (Boolean(process.stderr.isTTY) && !options.quiet),
  );
  const toTerminal = (print: () => void) => line.above(print);
  const report = new FailureReport(options.maxFailures, style, (text) => toTerminal(() => process.stderr.write(text)));

  using stop = new Stop();
  stop.signal.addEventListener('abort', () => {
    counters.note = 'stopping…';
    line.draw();
    process.stdin.destroy();
  });
  const started = performance.now();
  line.start();
  try {
    await run({
      inputs,
      apply: applyOnPool(fn, { processes, timeout, retries, signal: stop.signal }),
      output,
      errors,
      inOrder: !options.unordered,
      withInput,
      counters,
      onFailure: (failure) => report.add(failure),
      above: stdout.isTTY && options.output === undefined ? toTerminal : (print) => print(),
      signal: stop.signal,
    });
    await Promise.all([output.end(), errors?.end()]);
  } catch (error) {
    if (error instanceof ReaderGone) return Exit.readerGone;
    throw error;
  } finally {
    line.stop();
  }
  report.close(options.errors !== undefined);
  const stopped = stop.signal.aborted;
  const elapsed = performance.now() - started;
  const summary = { counters, noun: inputs.noun, elapsed, processes, stopped, output: options.output, withInput };
  if (!options.quiet || stopped) process.stderr.write(summarize(summary, style));
  return stop.exitStatus ?? (counters.failed > 0 ? Exit.itemsFailed : Exit.ok);
}

/** With `--resume`, what the output has already. */
async function doneBefore({ resume, output }: MapOptions): Promise<Done | undefined> {
  if (!resume) return undefined;
  if (output === undefined) throw new CommandError('--resume needs --output FILE, the file to go on with');
  return readDone(output);
}

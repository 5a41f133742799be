import { type Command, InvalidArgumentError, Option } from 'commander';
import type { InputKind } from './inputs/index.ts';

/** What the user chose. */
export interface MapOptions {
  processes?: number;
  output?: string;
  errors?: string;
  ordered?: boolean;
  unordered?: boolean;
  resume?: boolean;
  /** In ms. */
  timeout?: number;
  retries?: number;
  withInput?: boolean;
  ignore?: string[];
  maxFailures: number;
  /** undefined: when stderr is a terminal. */
  progress?: boolean;
  quiet?: boolean;
  args?: boolean;
  files?: boolean;
  lines?: boolean;
}

export function kindOf({ args, files, lines }: MapOptions): InputKind {
  return args ? 'args' : files ? 'files' : lines ? 'lines' : 'auto';
}

export function describeMap(command: Command): Command {
  return command
    .summary('apply a function to every line, file or argument, on all cores')
    .description('Applies a function to every line of stdin, every file of a glob, or every argument, on all cores.')
    .argument(
      '<module[#export]>',
      "file or package, and the export that is the function ('default' unless named): it gets a string and returns a result or a promise of it",
    )
    .argument(
      '[inputs...]',
      "none or '-': every line of stdin. Words with * ? [] or {}: every file that matches. Others: themselves",
    )
    .optionsGroup('Inputs:')
    .addOption(
      new Option('--files', 'inputs are files, directories (all files below) and globs').conflicts(['lines', 'args']),
    )
    .addOption(new Option('--lines', 'inputs are text files: take their lines').conflicts(['files', 'args']))
    .addOption(new Option('--args', 'inputs are taken as they are, globs too').conflicts(['files', 'lines']))
    .option('--ignore <glob>', 'leave out files that match (repeatable)', (glob, all: string[] = []) => [...all, glob])
    .optionsGroup('Results: JSON lines, in the order of the inputs')
    .option('-o, --output <file>', 'write them to a file instead of stdout')
    .addOption(new Option('--ordered', 'in the order of the inputs (default)').conflicts('unordered'))
    .addOption(new Option('--unordered', 'write each as soon as it is there').conflicts('ordered'))
    .option('--with-input', 'write {"input":…,"value":…}, or {"input":…,"error":…} for a failed item')
    .option('--resume', 'go on with the output of an earlier run: what is done is left out (implies --with-input)')
    .option('--errors <file>', 'write failures there: {"input":…,"error":{name,message,code,at}}')
    .option('--max-failures <n>', 'print so many failures on stderr, count the others', natural, 10)
    .optionsGroup('Running:')
    .option('-p, --processes <n>', 'number of worker processes (default: all cores)', positive)
    .option('--timeout <time>', 'let an item fail that takes longer: 500ms, 30s, 5m (a bare number: ms)', milliseconds)
    .option('--retries <n>', 'run an item that failed again, up to so many times', natural)
    .option('--progress', 'draw the progress bar even if stderr is no terminal')
    .option('--no-progress', 'draw no progress bar')
    .option('-q, --quiet', 'no progress bar, no summary: failures only')
    .helpOption('-h, --help', 'print this text')
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  mp map ./thumbnail.ts 'photos/**/*.jpg' -o done.jsonl
  mp map ./check.ts#checkUrl < urls.txt
  mp map ./fetch.ts --timeout 30s --retries 3 -o pages.jsonl --resume < urls.txt
  mp map ./render.ts --files pages --ignore '**/drafts/**' --unordered
  mp map node:path#basename /etc/hosts /etc/passwd

Exit status:
  0  every item succeeded          2    wrong usage, or nothing could be done
  1  at least one item failed      130  stopped by Ctrl-C (other signals: 128 + number)
`;

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1024)
    throw new InvalidArgumentError('It must be a whole number from 1 to 1024.');
  return value;
}

const UNITS: Record<string, number> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time with its unit, or in ms. Throws `InvalidArgumentError`. */
export function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|)$/.exec(text) ?? [];
  const value = Number(number) * UNITS[unit ?? '']!;
  if (!(value > 0)) throw new InvalidArgumentError('It must be a time above 0, as 500ms, 30s or 5m.');
  return value;
}

function natural(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

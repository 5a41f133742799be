import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { CommandError, Exit, oneLine } from './failure.ts';
import { describeMap, type MapOptions } from './map/options.ts';

/**
 * Carries out a command line; resolves to the exit status. What the user got wrong is said in one line on stderr.
 *
 * @example
 * process.exitCode = await main(['map', './work.ts', 'data/*.csv']);
 */
export async function main(words: string[]): Promise<number> {
  let status: number = Exit.ok;
  const program = new Command('mp')
    .description('Runs functions on all cores.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this text')
    .helpCommand('help [command]', 'print what a command does')
    .addHelpText('after', '\nmp <command> --help explains a command.\n');
  describeMap(program.command('map')).action(async (module: string, inputs: string[], options: MapOptions) => {
    // The library is loaded by those who use it: `mp --help` works everywhere.
    const { map } = await import('./map/command.ts');
    status = await map(module, inputs, options);
  });
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showHelpAfterError(false)
      .configureOutput({ outputError: () => {} });
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    return complain(error);
  }
}

function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return Exit.ok;
    // Called without a command: the help text has been printed.
    if (error.code !== 'commander.help') say(`${oneLine(error).replace(/^error: /, '')} (see mp --help)`);
    return Exit.usage;
  }
  if (!isExpected(error)) throw error;
  say(oneLine(error));
  return Exit.usage;
}

/** Ours, or an error of the library, whose messages are made for users. Anything else is a bug and deserves its stack. */
function isExpected(error: unknown): boolean {
  return error instanceof CommandError || String((error as { code?: unknown })?.code).startsWith('ERR_MP_');
}

function say(message: string): void {
  process.stderr.write(`mp: ${message}\n`);
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

import { expandFiles } from './files.ts';
import { isGlob } from './glob.ts';
import { linesOf, linesOfFiles } from './lines.ts';

export type InputKind = 'auto' | 'args' | 'files' | 'lines';

export interface Inputs {
  items: Iterable<string> | AsyncIterable<string>;
  /** undefined: known at the end only. */
  total: number | undefined;
  /** What one item is called: 'file', 'line', 'item'. */
  noun: string;
}

export interface InputOptions {
  kind: InputKind;
  ignore: string[];
  stdin: AsyncIterable<Uint8Array>;
}

/** What the function is applied to, from the words of the command line. Throws `CommandError`. */
export async function chooseInputs(words: string[], { kind, ignore, stdin }: InputOptions): Promise<Inputs> {
  if (kind === 'args') return known(words, 'argument');
  if (words.length === 0 || (kind !== 'lines' && words.length === 1 && words[0] === '-')) {
    const lines = linesOf(stdin);
    if (kind !== 'files') return { items: lines, total: undefined, noun: 'line' };
    const named: string[] = [];
    for await (const line of lines) named.push(line);
    return known(await expandFiles(named, { ignore, strict: true }), 'file');
  }
  if (kind === 'lines') return { items: linesOfFiles(words, stdin), total: undefined, noun: 'line' };
  if (kind === 'files') return known(await expandFiles(words, { ignore, strict: true }), 'file');
  const noun = words.every(isGlob) ? 'file' : 'item';
  return known(await expandFiles(words, { ignore, strict: false }), noun);
}

function known(items: string[], noun: string): Inputs {
  return { items, total: items.length, noun };
}

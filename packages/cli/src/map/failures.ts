import { oneLine } from '../failure.ts';
import { count } from '../terminal/format.ts';
import type { Style } from '../terminal/style.ts';
import { userFrame } from './userFrame.ts';

/** A failed item, as a JSON line. */
export interface FailureRecord {
  input: string;
  error: { name: string; message: string; code?: string | number; at?: string };
}

export function describeFailure(input: string, reason: unknown): FailureRecord {
  const error = reason instanceof Error ? reason : new Error(`not an error was thrown: ${show(reason)}`);
  const { code } = error as { code?: unknown };
  const hasCode = typeof code === 'string' || typeof code === 'number';
  const at = userFrame(reason);
  return { input, error: { name: error.name, message: error.message, ...(hasCode && { code }), ...(at && { at }) } };
}

/** Says on stderr which items failed and why: the first `limit` of them in full, the others as a number. */
export class FailureReport {
  readonly #limit: number;
  readonly #style: Style;
  readonly #print: (text: string) => void;
  #seen = 0;

  constructor(limit: number, style: Style, print: (text: string) => void) {
    this.#limit = limit;
    this.#style = style;
    this.#print = print;
  }

  add({ input, error }: FailureRecord): void {
    if (this.#seen++ >= this.#limit) return;
    const { red, bold, dim } = this.#style;
    const at = error.at ? dim(` (${error.at})`) : '';
    // System errors begin with their code, which says more than 'Error'.
    const name = error.name === 'Error' ? '' : `${error.name}: `;
    this.#print(`${red('failed')} ${bold(shorten(input))}: ${name}${oneLine(error)}${at}\n`);
  }

  /** Call it once, at the end. */
  close(hasErrorsFile: boolean): void {
    const hidden = this.#seen - this.#limit;
    if (hidden <= 0) return;
    const hint = hasErrorsFile ? '' : ' (--errors FILE writes them all)';
    this.#print(`${this.#style.red('failed')} ${count(hidden)} more${this.#style.dim(hint)}\n`);
  }
}

const MAX_INPUT = 120;

/** The end of a path says more than its beginning; control characters would upset the terminal. */
function shorten(input: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = input.replace(/[\x00-\x1f\x7f]/g, (character) => JSON.stringify(character).slice(1, -1));
  return clean.length <= MAX_INPUT ? clean || '""' : `…${clean.slice(1 - MAX_INPUT)}`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

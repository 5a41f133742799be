import { CaptureError } from '../captureError.ts';

/** A step on the way to the value being encoded. */
export type Step =
  | { function: () => FunctionLabel }
  | { variable: string }
  /** As it reads after the name of what it belongs to: `.conn`, `[3]`, ` (Map entry "a")`. */
  | { property: string };

export interface FunctionLabel {
  /** Short: `work`. */
  name: string;
  /** In full: `function 'work'`. */
  title: string;
  /** `app.ts:12:7`, or undefined. */
  location: string | undefined;
}

export interface Refusal {
  /** The kind of thing, in brackets after its name: `net.Server`. */
  kind?: string;
  /** A sentence about it: `it is a Server of node:net, which …`. */
  why: string;
  hint?: string | undefined;
}

/** The way from the root of a message to the value being encoded, for the error that says why it cannot be sent. */
export class Trail {
  readonly #steps: Step[];
  readonly #root: string;

  constructor(root: string, steps: Step[] = []) {
    this.#root = root;
    this.#steps = steps;
  }

  push(step: Step): void {
    this.#steps.push(step);
  }

  pop(): void {
    this.#steps.pop();
  }

  copy(): Trail {
    return new Trail(this.#root, this.#steps.slice());
  }

  /** Runs `body` with `step` on the trail. */
  within<T>(step: Step, body: () => T): T {
    this.#steps.push(step);
    const result = body();
    this.#steps.pop();
    return result;
  }

  refuse(refusal: Refusal): never {
    const path = this.#lines();
    path.push({ depth: (path.at(-1)?.depth ?? 0) + 1, text: refusal.why });
    const message = [this.#headline(refusal), ...path.map(({ depth, text }) => '  '.repeat(depth) + text)];
    if (refusal.hint) message.push(`Hint: ${refusal.hint}`);
    throw new CaptureError(
      message.join('\n'),
      path.map(({ text }) => text),
    );
  }

  // cannot send 'server' (net.Server), captured by handle -> work at app.ts:12:7
  #headline({ kind }: Refusal): string {
    const functions: FunctionLabel[] = [];
    let name = this.#root;
    for (const step of this.#steps) {
      if ('variable' in step) name = step.variable;
      else if ('property' in step) name += step.property;
      else {
        functions.push(step.function());
        name = '';
      }
    }
    const culprit = name === '' ? functions.pop() : undefined;
    const last = functions.at(-1);
    const what = culprit ? `${culprit.title}${at(culprit)}` : `'${name}'`;
    const chain = last ? `, captured by ${functions.map((f) => f.name).join(' -> ')}${at(last)}` : '';
    return `cannot send ${what}${kind ? ` (${kind})` : ''}${chain}`;
  }

  #lines(): { depth: number; text: string }[] {
    const lines: { depth: number; text: string }[] = [];
    let depth = 0;
    let text = '';
    const flush = () => {
      if (text) lines.push({ depth, text });
      text = '';
    };
    for (const step of this.#steps) {
      if ('property' in step) text += (text ? ' → ' : '') + step.property.trim();
      else {
        flush();
        depth++;
        if ('variable' in step) text = `captures variable '${step.variable}'`;
        else {
          const label = step.function();
          text = `${lines.length ? 'which refers to ' : ''}${label.title}${label.location ? ` (${label.location})` : ''}`;
          flush();
        }
      }
    }
    if (text) depth = Math.max(depth, 1);
    flush();
    return lines;
  }
}

function at(label: FunctionLabel): string {
  return label.location ? ` at ${label.location}` : '';
}

import { rewrite } from '../analyze/rewrite.ts';
import { NODE, type Node, type Slot, type Template } from '../wire/format.ts';
import { PARAMETER } from '../wire/parameters.ts';
import type { DescribedSource } from './describe.ts';
import type { CapturedVariable, Encoder } from './encoder.ts';
import { internTemplate } from './templates.ts';

/** A captured variable, or something else that becomes a parameter of the template. */
export type Captured = { name: string; slot: Slot } | { name: string; variable: CapturedVariable };

/** A function whose text can only be written when all functions of the message are known: one may assign what another reads. */
export interface PendingFunction {
  fn: Function;
  description: DescribedSource;
  node: Extract<Node, [typeof NODE.function, ...unknown[]]>;
  captured: Captured[];
}

/** Chooses the template of a function and fills in its captured values. */
export function finishFunction(encoder: Encoder, { fn, description, node, captured }: PendingFunction): void {
  const parameters: string[] = [];
  const cells: string[] = [];
  const slots: Slot[] = [];
  for (const item of captured) {
    if (!('variable' in item)) {
      parameters.push(item.name);
      slots.push(item.slot);
    } else if (item.variable.written) {
      cells.push(item.name);
      parameters.push(PARAMETER.cell(item.name));
      item.variable.cell ??= encoder.add([NODE.cell, item.variable.slot]);
      slots.push(item.variable.cell);
    } else {
      parameters.push(item.name === 'arguments' ? PARAMETER.args : item.name);
      slots.push(item.variable.slot);
    }
  }
  const template = templateFor(fn, description, cells, parameters);
  encoder.templates.add(template);
  node[2] = template.id;
  node[3] = slots;
}

function templateFor(fn: Function, description: DescribedSource, cells: string[], parameters: string[]): Template {
  const { analysis, url, line, column } = description;
  const strict = isStrict(description);
  const variant = `${url}|${line}|${column}|${strict}|${cells}|${parameters}|${fn.name}`;
  return internTemplate(analysis.text, variant, (id) => ({
    id,
    text: rewrite(analysis, cells, fn.name),
    parameters,
    form: analysis.form,
    strict,
    usesImportMeta: analysis.importMeta.length > 0,
    url,
    line,
    column,
    name: fn.name,
    anonymous: analysis.ownName === undefined,
  }));
}

const DIRECTIVE = /^\s*(?:(?:\/\/.*\n|\/\*[\s\S]*?\*\/|#!.*\n)\s*)*(["'])use strict\1/;

function isStrict({ isModule, script }: DescribedSource): boolean {
  return isModule || DIRECTIVE.test(script.source);
}

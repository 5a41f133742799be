import vm from 'node:vm';
import { noteCompiled } from '../inspect/scripts.ts';
import type { Template } from '../wire/format.ts';
import { COMPILED } from '../wire/marker.ts';
import { PARAMETER } from '../wire/parameters.ts';
import { importFrom, noteImport } from './importer.ts';

/** Makes the function from its captured values. */
export type Factory = (...captured: unknown[]) => Made;

export type Made = [
  fn: Function,
  /** Sets captured variable `index` afterwards; only of the patchable variant. */
  set: ((index: number, value: unknown) => void) | undefined,
  /** The object literal that a method was compiled in. */
  home: object | undefined,
];

interface Entry {
  template: Template;
  usual?: Factory;
  patchable?: Factory;
}

const IMPORT = /\bimport\s*\(/;
const IMPORT_OF_NODE = /\bimport\s*\(\s*(['"])node:[\w/]+\1\s*\)/g;

const entries = new Map<string, Entry>();

/** Remembers the templates that came with a message. */
export function addTemplates(templates: Template[]): void {
  for (const template of templates) if (!entries.has(template.id)) entries.set(template.id, { template });
}

export function templateById(id: string): Template {
  return entryOf(id).template;
}

/**
 * The compiled template. Usually captured variables are constants, as fast as the original. In the patchable variant
 * they can be set later: for a function in a cycle, which must exist before what it captures does.
 */
export function factoryOf(id: string, patchable: boolean): Factory {
  const entry = entryOf(id);
  if (patchable) {
    entry.patchable ??= compile(entry.template, true);
    return entry.patchable;
  }
  entry.usual ??= compile(entry.template, false);
  return entry.usual;
}

function entryOf(id: string): Entry {
  const entry = entries.get(id);
  if (!entry) throw new Error(`the source of function ${id} was not sent to this process`);
  return entry;
}

function compile(template: Template, patchable: boolean): Factory {
  const names = [...template.parameters, ...(template.usesImportMeta ? [PARAMETER.importMeta] : [])];
  const inputs = names.map((name, i) => (patchable ? name : `__mp$${i}`));
  const constants = patchable || names.length === 0 ? '' : `const ${names.map((n, i) => `${n}=__mp$${i}`).join(',')};`;
  const setter = patchable
    ? `(i,v)=>{switch(i){${names.map((n, i) => `case ${i}:${n}=v;break;`).join('')}}}`
    : 'undefined';
  const head = `${COMPILED}${template.strict ? '"use strict";' : ''}let __mp$home;${constants}return [`;
  const code = `${head}${expression(template)},${setter},__mp$home]`;
  // Most texts need no look by the expression, which each forked child would have to compile.
  const usesImport = template.text.includes('import') && IMPORT.test(template.text);
  // Loads the importer first, which takes care of Node's warning.
  if (usesImport) importFrom(template.url);
  if (usesImport && IMPORT.test(template.text.replace(IMPORT_OF_NODE, ''))) noteImport();
  const factory = vm.compileFunction(code, inputs, {
    filename: template.url,
    // Stack traces show the line and column of the original.
    lineOffset: template.line,
    columnOffset: template.column - code.indexOf(template.text, head.length),
    ...(usesImport && { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }),
  });
  noteCompiled(factory);
  return factory as Factory;
}

function expression({ text, form, name, anonymous }: Template): string {
  const key = JSON.stringify(name);
  switch (form) {
    case 'method':
      return `(__mp$home={${text}\n})[${key}]`;
    case 'get':
    case 'set':
      return `Object.getOwnPropertyDescriptor(__mp$home={${text}\n},${key}).${form}`;
    default:
      // A property key names an anonymous function.
      return anonymous && name && name !== '__proto__' ? `({${key}:${text}\n})[${key}]` : `(${text}\n)`;
  }
}

import module from 'node:module';
import path from 'node:path';
import { toFile } from '../modules/importMeta.ts';
import { type DescribedSource, textOf } from './describe.ts';
import type { FunctionLabel } from './trail.ts';

/** How a function is called in messages. */
export function labelOf(fn: Function, description?: DescribedSource): FunctionLabel {
  const text = textOf(fn).replace(/\s+/g, ' ');
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  const kind = description?.analysis.kind;
  const noun = kind === 'class' ? 'class' : kind === 'arrow' && !fn.name ? 'arrow function' : 'function';
  return {
    name: fn.name || '(anonymous)',
    title: fn.name ? `${noun} '${fn.name}'` : `${noun} (${short})`,
    location: description && locationOf(description),
  };
}

// In the file the user wrote: `app.ts:12:7`, not the place in what a transpiler made of it.
function locationOf({ url, line, column }: DescribedSource): string {
  const entry = module.findSourceMap?.(toFile(url))?.findEntry(line, column);
  const original = entry && 'originalLine' in entry ? entry : undefined;
  const file = toFile(original?.originalSource ?? url);
  const relative = path.relative(process.cwd(), file);
  const shown = relative && !relative.startsWith('../../..') ? relative : file;
  return `${shown}:${(original?.originalLine ?? line) + 1}:${(original?.originalColumn ?? column) + 1}`;
}

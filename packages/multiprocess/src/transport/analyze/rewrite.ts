import { PARAMETER } from '../wire/parameters.ts';
import type { Analysis } from './analysis.ts';

/**
 * The text of a function as the receiver compiles it: variables that it assigns become cells, and what only exists where
 * the function was written (`this` of an arrow function, `extends`, import.meta) becomes a parameter.
 */
export function rewrite(analysis: Analysis, cells: string[], methodName: string): string {
  const edits: [start: number, end: number, text: string][] = [];
  const { free, heritage, key } = analysis;
  if (heritage) edits.push([...heritage, PARAMETER.parent]);
  if (key) edits.push([...key, JSON.stringify(methodName)]);
  analysis.computedMethods.forEach((method, i) => {
    edits.push([...method.key, PARAMETER.key(i)]);
  });
  for (const range of analysis.importMeta) edits.push([...range, PARAMETER.importMeta]);
  if (analysis.kind === 'arrow') {
    for (const range of analysis.thisReferences) edits.push([...range, PARAMETER.self]);
    if (!cells.includes('arguments'))
      for (const { start, end, shorthand } of free.get('arguments')?.references ?? [])
        edits.push([start, end, shorthand ? `arguments: ${PARAMETER.args}` : PARAMETER.args]);
  }
  for (const name of cells) {
    const cell = `${PARAMETER.cell(name)}.v`;
    for (const { start, end, shorthand, callee } of free.get(name)!.references)
      edits.push([start, end, shorthand ? `${name}: ${cell}` : callee ? `(0, ${cell})` : cell]);
  }
  edits.sort((a, b) => b[0] - a[0]);
  let { text } = analysis;
  for (const [start, end, replacement] of edits) text = text.slice(0, start) + replacement + text.slice(end);
  return text;
}

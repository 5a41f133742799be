/** CPython's figures for the same shapes: fixtures/sync.py. */
import { fileURLToPath } from 'node:url';
import { pythonVersion, python as runPython } from '../python.ts';
import type { Rival } from '../rivals.ts';

const script = fileURLToPath(new URL('./fixtures/sync.py', import.meta.url));

/** A rival for each shape that is named; none without Python. */
export function python(shapes: Record<string, [shape: string, ...args: (string | number)[]]>): Rival[] {
  if (!pythonVersion()) return [];
  return Object.entries(shapes).map(([name, args]) => ({ name, measure: () => runPython<number>(script, ...args) }));
}

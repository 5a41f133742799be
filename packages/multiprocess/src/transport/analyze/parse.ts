import { createRequire } from 'node:module';
import type { Node, Options, Program } from 'acorn';

/** Any node of the syntax tree; the walkers look at `type` first. */
export type Tree = Node & Record<string, any>;

let acorn: typeof import('acorn') | undefined;

/** Parses a whole script, module or expression. acorn is loaded at the first call: a process that only receives never needs it. */
export function parse(text: string, options: Partial<Options> = {}): Program {
  acorn ??= createRequire(import.meta.url)('acorn') as typeof import('acorn');
  return acorn.parse(text, { ecmaVersion: 'latest', allowReturnOutsideFunction: true, ...options });
}

/** Children of a node, in no particular order. */
export function* childrenOf(node: Tree): Iterable<Tree> {
  for (const key in node) {
    const value = node[key];
    if (value === null || typeof value !== 'object') continue;
    if (Array.isArray(value)) {
      for (const item of value) if (item && typeof item.type === 'string') yield item;
    } else if (typeof value.type === 'string') yield value;
  }
}

/** The names that a pattern binds. */
export function boundNames(pattern: Tree | null | undefined, names: string[] = []): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      names.push(pattern.name);
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties)
        boundNames(property.type === 'RestElement' ? property.argument : property.value, names);
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements) boundNames(element, names);
      break;
    case 'AssignmentPattern':
      boundNames(pattern.left, names);
      break;
    case 'RestElement':
      boundNames(pattern.argument, names);
      break;
  }
  return names;
}

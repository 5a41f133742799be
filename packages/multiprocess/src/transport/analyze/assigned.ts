import { boundNames, childrenOf, parse, type Tree } from './parse.ts';

const MAX_LENGTH = 400_000;

/**
 * The names that are assigned anywhere in a script after their declaration: what is not among them cannot change. By
 * name only, so it holds too much rather than too little. Undefined when nothing can be said about the script.
 */
export function assignedNames(source: string, isModule: boolean): Set<string> | undefined {
  if (!source || source.length > MAX_LENGTH) return undefined;
  try {
    const program = parse(source, {
      sourceType: isModule ? 'module' : 'script',
      allowHashBang: true,
      allowAwaitOutsideFunction: isModule,
    });
    const names = new Set<string>();
    collect(program as Tree, names, false);
    return names;
  } catch {
    return undefined; // syntax that the parser does not know, direct eval, or `with`
  }
}

class Unprovable extends Error {}

function collect(node: Tree, names: Set<string>, mayRepeat: boolean): void {
  switch (node.type) {
    case 'AssignmentExpression':
      addAll(names, node.left);
      break;
    case 'UpdateExpression':
      addAll(names, node.argument);
      break;
    case 'ForInStatement':
    case 'ForOfStatement':
      if (node.left.type !== 'VariableDeclaration') addAll(names, node.left);
      else if (node.left.kind === 'var') for (const { id } of node.left.declarations) addAll(names, id);
      break;
    case 'VariableDeclaration':
      // In a loop `var x = …` assigns to one and the same variable again and again.
      if (node.kind === 'var' && mayRepeat) for (const { id, init } of node.declarations) if (init) addAll(names, id);
      break;
    case 'CallExpression':
      if (node.callee.type === 'Identifier' && node.callee.name === 'eval') throw new Unprovable();
      break;
    case 'WithStatement':
      throw new Unprovable();
  }
  const repeats = mayRepeat || /^(For|While|DoWhile)/.test(node.type);
  for (const child of childrenOf(node)) collect(child, names, repeats);
}

function addAll(names: Set<string>, pattern: Tree): void {
  for (const name of boundNames(pattern)) names.add(name);
}

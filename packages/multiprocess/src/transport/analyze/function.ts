import type { Analysis } from './analysis.ts';
import { parse, type Tree } from './parse.ts';
import { FreeVariableWalker } from './walker.ts';

const CACHE_SIZE = 5000;
const cache = new Map<string, Analysis>();

/** Analyses the text of a function, method or class as `toString` gives it. Throws when the parser does not know its syntax. */
export function analyzeFunction(text: string, isModule: boolean): Analysis {
  const key = (isModule ? 'm' : 's') + text;
  let analysis = cache.get(key);
  if (!analysis) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    analysis = analyze(text, isModule);
    cache.set(key, analysis);
  }
  return analysis;
}

function analyze(text: string, isModule: boolean): Analysis {
  const { root, key, methodKind, offset } = parseFunction(text, isModule);
  const kind = kindOf(root, key);
  const analysis: Analysis = {
    text,
    kind,
    form: methodKind ?? 'expression',
    isAsync: Boolean(root.async),
    isGenerator: Boolean(root.generator),
    simpleParameters: kind !== 'class' && root.params.every(isSimple),
    ownName: root.id?.name,
    parametersStart: 0,
    free: new Map(),
    usesThis: false,
    usesSuper: false,
    usesNewTarget: false,
    thisReferences: [],
    importMeta: [],
    usesDynamicImport: false,
    heritage: undefined,
    computedMethods: [],
    hasComputedFields: false,
    freePrivateNames: new Set(),
    key: key && rangeOfKey(text, key.start - offset, key.end - offset),
  };
  analysis.parametersStart = parametersStart(analysis, root, offset);
  new FreeVariableWalker(analysis, offset).walkRoot(root);
  return analysis;
}

interface Parsed {
  root: Tree;
  key?: Tree;
  methodKind?: 'method' | 'get' | 'set';
  /** Length of what was put before the text to make a program of it. */
  offset: number;
}

// A text alone does not say whether it is an expression or a method: `get(x) {}` only parses as the second.
function parseFunction(text: string, isModule: boolean): Parsed {
  const options = {
    sourceType: isModule ? 'module' : 'script',
    allowSuperOutsideMethod: true,
    checkPrivateFields: false,
  } as const;
  let problem: Error;
  try {
    const [statement, ...more] = parse(`(${text}\n)`, options).body as Tree[];
    const root = statement?.expression;
    if (more.length === 0 && /^(Function|ArrowFunction|Class)Expression$/.test(root?.type)) return { root, offset: 1 };
    problem = new Error('not a function');
  } catch (error) {
    problem = error as Error;
  }
  for (const [before, member] of METHOD_WRAPPERS) {
    try {
      const { value, key, kind } = member(parse(`${before}${text}\n})`, options).body[0] as Tree);
      return {
        root: value,
        key,
        methodKind: kind === 'get' || kind === 'set' ? kind : 'method',
        offset: before.length,
      };
    } catch {
      // the next one
    }
  }
  throw new Error(`its source text could not be parsed (${problem.message})`);
}

const METHOD_WRAPPERS: [string, (statement: Tree) => Tree][] = [
  ['({', (statement) => statement.expression.properties[0]],
  ['(class {', (statement) => statement.expression.body.body[0]],
];

function kindOf(root: Tree, key: Tree | undefined): Analysis['kind'] {
  if (root.type === 'ClassExpression') return 'class';
  if (root.type === 'ArrowFunctionExpression') return 'arrow';
  return key ? 'method' : 'function';
}

function isSimple(parameter: Tree): boolean {
  const inner = parameter.type === 'RestElement' ? parameter.argument : parameter;
  return inner.type === 'Identifier';
}

// V8's position of a function is its "("; of a class, its constructor's "(" or else the start of the text.
function parametersStart(analysis: Analysis, root: Tree, offset: number): number {
  switch (analysis.kind) {
    case 'method':
      return root.start - offset;
    case 'function':
      return analysis.text.indexOf('(', root.id ? root.id.end - offset : 0);
    case 'arrow':
      return root.async ? (/^async\s*/.exec(analysis.text)?.[0].length ?? 0) : 0;
    case 'class': {
      const method = root.body.body.find((member: Tree) => member.kind === 'constructor');
      return method ? method.value.start - offset : 0;
    }
  }
}

function rangeOfKey(text: string, start: number, end: number): [number, number] {
  const before = text.slice(0, start).trimEnd();
  if (!before.endsWith('[')) return [start, end];
  return [before.length - 1, text.indexOf(']', end) + 1];
}

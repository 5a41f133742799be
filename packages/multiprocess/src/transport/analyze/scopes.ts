import { boundNames, childrenOf, type Tree } from './parse.ts';

/** The names declared inside a function, scope by scope, while a walker is in it. */
export class Scopes {
  #innermost: { names: Set<string>; outer: unknown } | undefined;

  within(names: Iterable<string>, body: () => void): void {
    const outer = this.#innermost;
    this.#innermost = { names: new Set(names), outer };
    body();
    this.#innermost = outer;
  }

  has(name: string): boolean {
    for (let scope = this.#innermost; scope; scope = scope.outer as typeof scope)
      if (scope.names.has(name)) return true;
    return false;
  }
}

/** Names that a list of statements declares for its block: let, const, class, function. */
export function lexicalNames(statements: Tree[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.type === 'VariableDeclaration' && statement.kind !== 'var') return declaredNames(statement);
    if (/^(Function|Class)Declaration$/.test(statement.type) && statement.id) return [statement.id.name];
    return [];
  });
}

/** Names that `var` declares anywhere in a function's body, not counting functions inside it. */
export function hoistedNames(node: Tree, names: string[] = []): string[] {
  if (/^(Function|Class|ArrowFunction)(Declaration|Expression)$/.test(node.type)) return names;
  if (node.type === 'VariableDeclaration' && node.kind === 'var') names.push(...declaredNames(node));
  for (const child of childrenOf(node)) hoistedNames(child, names);
  return names;
}

function declaredNames(declaration: Tree): string[] {
  return declaration.declarations.flatMap(({ id }: Tree) => boundNames(id));
}

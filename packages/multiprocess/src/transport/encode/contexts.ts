import type { Scope } from '../inspect/functions.ts';

interface Context {
  scriptId: string;
  scopeName: string;
  outer: string;
  names: string[];
  variables: Record<string, unknown>;
  /** Positions of the functions whose innermost scope this is. */
  functions: Set<string>;
}

/**
 * Tells which scopes of different functions are the same variables. V8 gives copies of scopes without an identity, so
 * two scopes count as one when they have the same place in the source, the same outer context, and equal values; but two
 * functions from one and the same place in the source were made by two runs of it. Exact for modules. For variables of
 * functions it is wrong only when one run of a factory makes several functions from the same place that share a `let`.
 */
export class ContextTable {
  readonly #contexts: Context[] = [];

  /** A key for scope `index` of `scopes`, which belong to the function at `position` of a script. */
  key(scriptId: string, position: string, scopes: Scope[], index: number): string {
    let key = 'global';
    for (let i = scopes.length - 1; i >= index; i--) {
      const scope = scopes[i]!;
      const found = this.#find(scriptId, scope, key, i === 0 ? position : undefined);
      if (i === 0) this.#contexts[found]!.functions.add(position);
      key = String(found);
    }
    return key;
  }

  #find(scriptId: string, { kind, name, variables }: Scope, outer: string, position: string | undefined): number {
    const names = Object.getOwnPropertyNames(variables);
    const found = this.#contexts.findIndex((context) => {
      if (context.scriptId !== scriptId || context.scopeName !== name || context.outer !== outer) return false;
      if (kind === 'Module') return true;
      if (context.names.length !== names.length) return false;
      if (position !== undefined && context.functions.has(position) && context.variables !== variables) return false;
      return names.every((name) => Object.is(peek(context.variables, name), peek(variables, name)));
    });
    if (found >= 0) return found;
    return this.#contexts.push({ scriptId, scopeName: name, outer, names, variables, functions: new Set() }) - 1;
  }
}

const UNINITIALISED = Symbol('uninitialised');

/** The value of a variable; reading one that is not initialised yet throws. */
export function peek(variables: Record<string, unknown>, name: string): unknown {
  try {
    return variables[name];
  } catch {
    return UNINITIALISED;
  }
}

export function isUninitialised(variables: Record<string, unknown>, name: string): boolean {
  return peek(variables, name) === UNINITIALISED;
}

/** A module as esbuild writes it, in two: a script, whose compiled code can be kept, and a module (src/code.ts). */
import { createHash } from 'node:crypto';

interface Halves {
  /** `library.body.js`. Its lines are those of the source map. */
  script: string;
  /** `library.js`, which loads the script and exports what that returns. */
  module: string;
  /** Tells one script from another. */
  id: string;
}

/**
 * ```
 *   script   (() => { 'use strict'; return function ($url, { imports }) { …  return { exports }; }; })()
 *   module   export const { exports } = load(import.meta.url, id, { imports });
 * ```
 *
 * Relative imports only. `$url` has to stand where `import.meta.url` did. `variables`: names of exports that change.
 */
export function asScript(code: string, variables: ReadonlySet<string>): Halves {
  const statements: string[] = [];
  const imports: string[] = [];
  const withoutImports = code.replaceAll(/^import \{([^}]*)\} from "\.\/.*";$/gm, (statement: string, list: string) => {
    statements.push(statement);
    for (const [, local] of pairs(list)) imports.push(local);
    return statement.replaceAll(/[^\n]/g, '');
  });

  const constant: string[] = [];
  const changing: string[] = [];
  const inner = withoutImports.replace(/^export \{([^}]*)\};$/m, (_, list: string) => {
    const results = pairs(list).map(([local, name]) => {
      const changes = variables.has(name.replace(/\$\d+$/, ''));
      (changes ? changing : constant).push(name);
      return changes ? `get ${name}() { return ${local}; }` : `${name}: ${local}`;
    });
    return `return { ${results.join(', ')} };\n}; })()`;
  });

  const script = `(() => { 'use strict'; return function ($url, { ${imports.join(', ')} }) {${inner}`;
  const id = createHash('sha256').update(script).digest('hex').slice(0, 12);
  const module = `import { load, onExportsChange } from './code.js';
${statements.join('\n')}
const $library = load(import.meta.url, '${id}', { ${imports.join(', ')} });
export const { ${constant.join(', ')} } = $library;
export let { ${changing.join(', ')} } = $library;
onExportsChange(() => ({ ${changing.join(', ')} } = $library));
`;
  return { script, module, id };
}

/** `a, b as c`: [a, a] and [b, c]. */
function pairs(list: string): [string, string][] {
  return list.split(',').map((item) => {
    const [first, second = first] = item.trim().split(' as ');
    return [first!, second!];
  });
}

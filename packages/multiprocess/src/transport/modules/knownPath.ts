import { registeredValue } from '../handles.ts';
import type { PathStep } from '../wire/format.ts';

/** Intrinsics that no global names. */
export const INTRINSICS: Record<string, object> = {
  TypedArray: Object.getPrototypeOf(Int8Array),
  GeneratorFunction: Object.getPrototypeOf(function* () {}),
  AsyncFunction: Object.getPrototypeOf(async () => {}),
  AsyncGeneratorFunction: Object.getPrototypeOf(async function* () {}),
};

/**
 * The builtin at a path. The first step says where it begins: `global`, `builtin` (then a module name), `intrinsic`
 * (then a key of INTRINSICS) or `multiprocess` (then a name given to `registerKnown`).
 */
export function resolveKnown([root, ...path]: PathStep[]): unknown {
  switch (root) {
    case 'global':
      return follow(globalThis, path);
    case 'builtin':
      return follow(process.getBuiltinModule(path[0] as string), path.slice(1));
    case 'intrinsic':
      return follow(INTRINSICS[path[0] as string], path.slice(1));
    default:
      return registeredValue(path[0] as string);
  }
}

export function follow(start: unknown, path: PathStep[]): unknown {
  let value: any = start;
  for (let i = 0; i < path.length; i++) {
    const key = keyOf(path[i]!);
    const next = path[i + 1];
    if (typeof next === 'object' && 'accessor' in next)
      return Object.getOwnPropertyDescriptor(value, key)?.[next.accessor];
    value = value[key];
  }
  return value;
}

function keyOf(step: PathStep): PropertyKey {
  if (typeof step === 'string') return step;
  return 'symbol' in step ? (Symbol as unknown as Record<string, symbol>)[step.symbol]! : '';
}

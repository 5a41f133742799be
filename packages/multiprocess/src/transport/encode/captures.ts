import { types } from 'node:util';
import type { FreeVariable } from '../analyze/analysis.ts';
import { proxyTarget, type Scope } from '../inspect/functions.ts';
import { moduleTables } from '../modules/esm.ts';
import { toFile } from '../modules/importMeta.ts';
import { requiredBinding, viteSpecifier } from '../modules/transpiled.ts';
import { NODE, type Slot } from '../wire/format.ts';
import { isUninitialised } from './contexts.ts';
import type { DescribedSource } from './describe.ts';
import type { CapturedVariable, Encoder } from './encoder.ts';
import type { Captured } from './pending.ts';

/** Finds the variables that a function takes from outside: imports by reference, everything else by value. */
export function captureVariables(encoder: Encoder, description: DescribedSource, captured: Captured[]): void {
  for (const [name, free] of description.analysis.free) {
    const index = description.scopes.findIndex(({ variables }) => Object.hasOwn(variables, name));
    if (index < 0) {
      if (isScriptGlobal(description, name)) captured.push(captureGlobal(encoder, name, free));
      else refuseFieldName(encoder, description, name);
      continue; // a global, or nothing: the same over there
    }
    const scope = description.scopes[index]!;
    const isModuleLevel = isModuleScope(description, scope, index);
    const reference = referenceOf(encoder, description, name, scope, isModuleLevel);
    if (reference !== undefined) captured.push({ name, slot: reference });
    else captured.push(captureValue(encoder, description, name, free, index, isModuleLevel));
  }
}

function captureValue(
  encoder: Encoder,
  description: DescribedSource,
  name: string,
  free: FreeVariable,
  index: number,
  isModuleLevel: boolean,
): Captured {
  const { scopes, scriptId, line, column } = description;
  const context = isModuleLevel ? 'module' : encoder.contexts.key(scriptId, `${line}:${column}`, scopes, index);
  const key = `${scriptId}|${context}|${name}`;
  const variable = variableOf(encoder, key, name, scopes[index]!.variables);
  variable.written ||= free.written;
  return { name, variable };
}

function variableOf(encoder: Encoder, key: string, name: string, values: Record<string, unknown>): CapturedVariable {
  let variable = encoder.variables.get(key);
  if (!variable) {
    variable = { written: false, slot: undefined, cell: undefined };
    encoder.variables.set(key, variable);
    variable.slot = encoder.trail.within({ variable: name }, () => encoder.slot(values[name]));
  }
  return variable;
}

// With `-e` the program is a script, not a module: its functions and `var`s become globals that cannot be deleted.
function isScriptGlobal({ isModule }: DescribedSource, name: string): boolean {
  if (isModule || name === 'NaN' || name === 'Infinity') return false;
  return Object.getOwnPropertyDescriptor(globalThis, name)?.configurable === false;
}

function captureGlobal(encoder: Encoder, name: string, free: FreeVariable): Captured {
  const variable = variableOf(encoder, `global|${name}`, name, globalThis as never);
  variable.written ||= free.written;
  return { name, variable };
}

// Module-level variables exist once; those of a function once per call, and those of a compiled script once per task.
function isModuleScope({ isModule, scopes, script, url }: DescribedSource, scope: Scope, index: number): boolean {
  if (scope.kind === 'Module') return true;
  if (isModule || script.isCompiled || !url.startsWith('file:') || script.url.startsWith('evalmachine')) return false;
  return index === scopes.findLastIndex(({ kind }) => kind === 'Closure');
}

/** For a variable that is better imported again than copied. */
function referenceOf(
  encoder: Encoder,
  description: DescribedSource,
  name: string,
  scope: Scope,
  isModuleLevel: boolean,
): Slot {
  if (isModuleLevel) {
    const slot = description.isModule
      ? moduleReference(encoder, description, name)
      : commonJsReference(encoder, description, name);
    if (slot !== undefined) return slot;
  }
  refuseUninitialised(encoder, scope, name);
  if (description.isModule || !description.url.startsWith('file:')) return undefined;
  return requireReference(encoder, description, name, scope.variables[name]);
}

function moduleReference(encoder: Encoder, { script, url, importable }: DescribedSource, name: string): Slot {
  const { imports, exports } = moduleTables(script);
  const binding = imports.get(name);
  if (binding) {
    const { specifier, attributes } = binding;
    const source = { kind: 'specifier', specifier, from: url, attributes } as const;
    return encoder.addImport(source, binding.name === '*' ? [] : [binding.name]);
  }
  if (!importable) return undefined;
  for (const [exported, local] of exports)
    if (local === name) return encoder.addImport({ kind: 'url', url }, [exported]);
  return undefined;
}

function commonJsReference(encoder: Encoder, { url, importable }: DescribedSource, name: string): Slot {
  if (name === 'require') return encoder.add([NODE.require, url]);
  if (name !== 'module' && name !== 'exports') return undefined;
  if (!importable) {
    encoder.trail.push({ variable: name });
    encoder.trail.refuse({
      why: 'which is the CommonJS module record of the main program',
      hint: 'call the function directly instead of through `exports`',
    });
  }
  const file = toFile(url);
  return name === 'exports'
    ? encoder.addImport({ kind: 'commonjs', file }, [])
    : encoder.add([NODE.moduleRecord, file]);
}

function requireReference(encoder: Encoder, { script, url }: DescribedSource, name: string, value: unknown): Slot {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  if (name.startsWith('__vi') && types.isProxy(value)) {
    // Vitest wraps modules that it does not transform in a Proxy; those it does transform Node may not be able to load.
    const specifier = viteSpecifier(script, name);
    if (specifier && proxyTarget(value)) return encoder.addImport({ kind: 'specifier', specifier, from: url }, []);
  }
  const binding = requiredBinding(script, url, name, value);
  return binding && encoder.addImport({ kind: 'required', from: url, ...binding }, []);
}

function refuseUninitialised(encoder: Encoder, scope: Scope, name: string): void {
  if (!isUninitialised(scope.variables, name)) return;
  encoder.trail.push({ variable: name });
  encoder.trail.refuse({
    why: 'which is not initialised yet (it is declared further down)',
    hint: 'send the function after the declaration has run',
  });
}

function refuseFieldName(encoder: Encoder, { analysis }: DescribedSource, name: string): void {
  if (analysis.hasComputedFields && !(name in globalThis))
    encoder.trail.refuse({ why: `its computed field name uses variable '${name}', which V8 does not keep` });
}

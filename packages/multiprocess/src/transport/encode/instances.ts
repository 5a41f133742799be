import { privateMembers } from '../inspect/functions.ts';
import { knownPath, knownPathDeep } from '../modules/known.ts';
import { importedFrom, provenanceOf } from '../origins.ts';
import { NODE, type Properties, type PrototypeSlot, type Slot } from '../wire/format.ts';
import { describeFunction, isNativeText, textOf } from './describe.ts';
import type { Encoder } from './encoder.ts';
import type { Refusal } from './trail.ts';

/** What holds for all instances of a class; found out once. */
interface ClassFacts {
  refusal: Refusal | undefined;
  /** Classes in the chain that declare #private members. */
  withPrivates: Function[];
}

const facts = new WeakMap<object, ClassFacts>();
const COPYABLE_BUILTINS =
  /^(Object|Function|\w*Error|Map|Set|Date|RegExp|EventEmitter|Array|\w+Array|ArrayBuffer|DataView|Buffer)$/;

/** The class of an instance. Refuses classes whose instances cannot be copied. */
export function encodePrototype(encoder: Encoder, object: object): PrototypeSlot {
  const prototype: object | null = Object.getPrototypeOf(object);
  if (prototype === null) return null;
  const { refusal, withPrivates } = factsOf(prototype);
  if (refusal) encoder.trail.refuse(refusal);
  for (const owner of withPrivates) refusePrivates(encoder, object, owner);
  return encodePrototypeObject(encoder, prototype);
}

/** The same for a prototype alone, without looking at an instance. */
export function encodePrototypeObject(encoder: Encoder, prototype: object): PrototypeSlot {
  const known = encoder.memo.get(prototype) ?? encoder.known(prototype);
  if (known) return [known[0], 1];
  const owner = ownConstructor(prototype);
  if (owner?.prototype !== prototype) {
    const slot = encoder.member(' (prototype)', prototype) as [number];
    return [slot[0], 1];
  }
  return encoder.member(` (class ${owner.name})`, owner) as [number];
}

/** Own properties, symbols and hidden ones included. Getters are read. */
export function encodeProperties(encoder: Encoder, object: object, skip?: (key: PropertyKey) => boolean): Properties {
  const keys: Slot[] = [];
  const values: Slot[] = [];
  const hidden: number[] = [];
  for (const key of Reflect.ownKeys(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    if (!descriptor || skip?.(key) || (key === 'constructor' && !descriptor.enumerable)) continue;
    if (!descriptor.enumerable) hidden.push(keys.length);
    keys.push(encoder.slot(key));
    const value = 'value' in descriptor ? descriptor.value : readGetter(encoder, object, key);
    if (typeof value === 'function' && !encoder.homes.has(value)) encoder.homes.set(value, object);
    values.push(encoder.member(`.${String(key)}`, value));
  }
  return hidden.length > 0 ? [keys, values, hidden] : [keys, values];
}

function readGetter(encoder: Encoder, object: object, key: PropertyKey): unknown {
  try {
    return (object as Record<PropertyKey, unknown>)[key];
  } catch (error) {
    return encoder.trail.within({ property: `.${String(key)}` }, () =>
      encoder.trail.refuse({ why: `reading it threw: ${error instanceof Error ? error.message : String(error)}` }),
    );
  }
}

function factsOf(prototype: object): ClassFacts {
  let known = facts.get(prototype);
  if (!known) {
    known = { refusal: builtinRefusal(prototype), withPrivates: classesWithPrivates(prototype) };
    facts.set(prototype, known);
  }
  return known;
}

// An instance of net.Socket, Worker, FileHandle … owns something of this process that is not in its properties.
function builtinRefusal(prototype: object): Refusal | undefined {
  for (let p: object | null = prototype; p; p = Object.getPrototypeOf(p)) {
    const owner = ownConstructor(p);
    if (!owner || COPYABLE_BUILTINS.test(owner.name)) continue;
    const path = knownPathDeep(p) ?? knownPathDeep(owner);
    if (!isNativeText(textOf(owner)) && path?.[0] !== 'builtin' && !isInternal(owner)) continue;
    const { name } = owner;
    const module = path?.[0] === 'builtin' ? (path[1] as string) : undefined;
    const through = p === prototype ? '' : ` (through class ${ownConstructor(prototype)?.name})`;
    return {
      kind: module ? `${module}.${name}` : name,
      why: `it is a ${name}${module ? ` of node:${module}` : ''}${through}, which lives in this process and cannot be copied`,
      hint: 'create it inside the function, or at the top level of a module that the function imports, so that every process makes its own',
    };
  }
  return undefined;
}

/** Is this the prototype of a class inside Node that programs cannot name? Some have an accessor as `constructor`. */
export function isInternalClass(prototype: object): boolean {
  const owner = ownConstructor(prototype);
  return owner === undefined || isInternal(owner);
}

function isInternal(owner: Function): boolean {
  if (knownPath(owner) || provenanceOf(owner) || importedFrom(owner)) return false;
  try {
    const { kind } = describeFunction(owner);
    return kind === 'internal' || kind === 'native';
  } catch {
    return false; // no inspector here
  }
}

function classesWithPrivates(prototype: object): Function[] {
  const classes: Function[] = [];
  for (let p: object | null = prototype; p; p = Object.getPrototypeOf(p)) {
    const owner = ownConstructor(p);
    if (owner && /#[\w$]/.test(textOf(owner))) classes.push(owner);
  }
  return classes;
}

function refusePrivates(encoder: Encoder, object: object, owner: Function): void {
  const names = privateMembers(object);
  if (names.length === 0) return;
  encoder.trail.refuse({
    kind: owner.name,
    why: `it is an instance of class ${owner.name} with private fields (${names.join(', ')}), which cannot be read from outside the class`,
    hint: `send plain data and build the ${owner.name} over there, or give the class a [Symbol.for('multiprocess.reduce')]() method`,
  });
}

function ownConstructor(prototype: object): Function | undefined {
  const value = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof value === 'function' ? value : undefined;
}

/** A node for `prototype` as it is, when it is a builtin. */
export function knownPrototype(encoder: Encoder, prototype: object): PrototypeSlot {
  const path = knownPathDeep(prototype);
  if (!path) return undefined;
  const [index] = encoder.memo.get(prototype) ?? encoder.add([NODE.known, path], prototype);
  return [index, 1];
}

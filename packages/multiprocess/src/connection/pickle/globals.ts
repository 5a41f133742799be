/**
 * What a pickle may name. Unpickling in Python calls whatever a message names; here a message can only choose from a list.
 */
import { MultiprocessError } from '../../errors.ts';

/** Makes what a Python class or function would make, from the arguments in the message. May be called twice for one message. */
export type Make = (...args: any[]) => unknown;

export interface PythonClass {
  make: Make;
  /** Takes the state of an object that `make` has made (what `__setstate__` gets, or the `__dict__`). @default refused */
  setState?(object: any, state: unknown): void;
}

/** By 'module.name'. A name that comes as a value, not to be called, is received as its `make`. */
export type Globals = ReadonlyMap<string, Make | PythonClass>;

/** A name in a message: something to be called. */
export class Global {
  readonly name: string;
  readonly make: Make;
  readonly setState: PythonClass['setState'];
  /** What it is worth as a value; throws for what only old protocols need. */
  readonly value: () => Make;

  /** Throws `ERR_MP_UNSUPPORTED` for one that is not allowed. */
  constructor(name: string, globals: Globals | undefined) {
    const found = globals?.get(name);
    const make = typeof found === 'object' ? found.make : (found ?? builtIn.get(name));
    if (!make) throw refusal(name);
    this.name = name;
    this.make = make;
    this.setState = typeof found === 'object' ? found.setState?.bind(found) : undefined;
    this.value = () => {
      if (!found) throw refusal(`${name} itself`);
      return make;
    };
  }
}

export function refusal(name: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_UNSUPPORTED', `cannot receive ${name}: only plain data`);
}

/** What old protocols have no operation for. Protocol 2 has Python 2's names of modules. */
const builtIn = new Map<string, Make>([['_codecs.encode', makeBytes]]);
for (const module of ['builtins', '__builtin__']) {
  for (const name of ['set', 'frozenset']) builtIn.set(`${module}.${name}`, makeSet);
  for (const name of ['bytes', 'bytearray']) builtIn.set(`${module}.${name}`, makeBytes);
}

function makeSet(items: unknown = [], ...rest: unknown[]): unknown {
  if (Array.isArray(items) && rest.length === 0) return new Set(items);
  throw new TypeError('a set is made of a list');
}

/** `bytes()`, `bytearray(bytes)`, `bytearray(str, 'latin-1')`, `_codecs.encode(str, 'latin1')`. */
function makeBytes(...args: unknown[]): unknown {
  const [source, encoding] = args;
  if (args.length === 0) return new Uint8Array(0);
  if (args.length === 1 && source instanceof Uint8Array) return source.slice();
  if (args.length === 2 && typeof source === 'string' && /^latin-?1$/.test(String(encoding))) {
    return new Uint8Array(Buffer.from(source, 'latin1'));
  }
  throw new TypeError('bytes are made of bytes, or of a string in latin-1');
}

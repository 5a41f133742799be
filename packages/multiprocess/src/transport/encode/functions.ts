import { types } from 'node:util';
import { knownPathDeep, knownPathOfBuiltin } from '../modules/known.ts';
import { importedFrom, provenanceOf } from '../origins.ts';
import { NODE, type Slot } from '../wire/format.ts';
import { encodeByValue } from './byValue.ts';
import { type Described, describeFunction, isDescribed, textOf } from './describe.ts';
import type { Encoder } from './encoder.ts';
import { labelOf } from './labels.ts';
import { encodeReceived } from './received.ts';

/**
 * Encodes a function or class that the message does not hold yet, in the first way that fits: a builtin by its path, one
 * that came from another process as it came, an export by reference, anything else by value.
 */
export function encodeFunction(encoder: Encoder, fn: Function): Slot {
  const known = encoder.known(fn);
  if (known) return known;
  const provenance = provenanceOf(fn);
  if (provenance) return encodeReceived(encoder, fn, provenance);
  const from = importedFrom(fn);
  if (from) return encoder.addImport(from.source, from.path, fn);
  return encodeByName(encoder, fn) ?? encodeDescribed(encoder, fn, describe(encoder, fn));
}

// What needs no inspector. Skipped for a function that has been looked at before: it was none of these then.
function encodeByName(encoder: Encoder, fn: Function): Slot {
  if (isDescribed(fn)) return undefined;
  const path = knownPathOfBuiltin(fn);
  if (path) return encoder.add([NODE.known, path], fn);
  if (types.isProxy(fn))
    encoder.trail.refuse({ kind: 'Proxy', why: 'it is a Proxy around a function', hint: 'pass the target function' });
  const directory = requireDirectory(fn);
  if (directory) return encoder.add([NODE.require, directory], fn);
  const exported = encoder.exportFound(fn);
  return exported && encoder.addImport(exported.source, exported.path, fn);
}

function encodeDescribed(encoder: Encoder, fn: Function, description: Described): Slot {
  switch (description.kind) {
    case 'reference':
      return encoder.addImport({ kind: 'url', url: description.url }, description.path, fn);
    case 'source':
      return encodeByValue(encoder, fn, description);
    case 'bound':
      return encodeBound(encoder, fn, description.bound);
    default:
      return encodeNative(encoder, fn, description.kind === 'native' ? 'native' : 'Node-internal');
  }
}

function describe(encoder: Encoder, fn: Function): Described {
  try {
    return describeFunction(fn);
  } catch (error) {
    encoder.trail.push({ function: () => labelOf(fn) });
    const { message } = error as Error;
    const noInspector = /permission|inspector/i.test(message);
    return encoder.trail.refuse({
      why: noInspector ? `it cannot be looked at without the inspector (${message.split('\n')[0]})` : message,
      hint: noInspector ? 'export it from a CommonJS module, or allow the inspector (--allow-inspector)' : undefined,
    });
  }
}

function encodeBound(encoder: Encoder, fn: Function, bound: { target: unknown; self: unknown; args: unknown[] }): Slot {
  const node: [typeof NODE.bound, Slot, Slot, Slot[]] = [NODE.bound, undefined, undefined, []];
  const slot = encoder.add(node, fn);
  const label = { name: fn.name, title: `bound function '${fn.name}'`, location: undefined };
  encoder.trail.within({ function: () => label }, () => {
    node[1] = encoder.slot(bound.target);
    node[2] = encoder.member('bound this', bound.self);
    node[3] = bound.args.map((argument, i) => encoder.member(`bound argument ${i}`, argument));
  });
  return slot;
}

function encodeNative(encoder: Encoder, fn: Function, kind: string): Slot {
  const path = knownPathDeep(fn);
  if (path) return encoder.add([NODE.known, path], fn);
  encoder.trail.push({
    function: () => ({ name: fn.name, title: `${kind} function '${fn.name}'`, location: undefined }),
  });
  return encoder.trail.refuse({
    why: kind === 'native' ? 'native functions have no source text' : 'it is an internal function of Node',
    hint: 'only functions reachable from globals and node: modules can be sent by name',
  });
}

// Of a `require` function only the directory matters.
function requireDirectory(fn: Function): string | undefined {
  if (fn.name !== 'require') return undefined;
  const { resolve, cache } = fn as Partial<NodeJS.Require>;
  if (typeof resolve?.paths !== 'function' || cache === undefined || !textOf(fn).includes('require')) return undefined;
  const [directory] = resolve.paths('./x') ?? [];
  return directory === undefined ? undefined : `${directory}/`;
}

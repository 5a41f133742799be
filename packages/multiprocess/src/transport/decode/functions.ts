import { makeImportMeta } from '../modules/importMeta.ts';
import { ownFunction, received } from '../origins.ts';
import { type FunctionExtras, NODE, type Node, type Slot } from '../wire/format.ts';
import { PARAMETER } from '../wire/parameters.ts';
import type { Decoder } from './decoder.ts';
import { withProperties } from './nodes.ts';
import { factoryOf, type Made, templateById } from './templates.ts';

type FunctionNode = Extract<Node, [typeof NODE.function, ...unknown[]]>;

/** Makes a function from its template and what it captures; one that comes home is the original. */
export function readFunction(
  decoder: Decoder,
  index: number,
  [, id, templateId, slots, extras]: FunctionNode,
): Function {
  const own = ownFunction(id);
  if (own) return own as Function;
  const template = templateById(templateId);
  const captured: unknown[] = new Array(slots.length);
  let made: Made | undefined;

  const set = (i: number, value: unknown) => {
    captured[i] = value;
    made?.[1]?.(i, value);
  };
  const make = (patchable: boolean): Made => {
    if (made) return made;
    const meta = template.usesImportMeta ? [makeImportMeta(template.url)] : [];
    made = factoryOf(templateId, patchable)(...captured, ...meta);
    decoder.publish(index, made[0]);
    received(made[0], { id, template, captured, imports: slots.map((slot) => importOf(decoder, slot)) });
    return made;
  };

  // A class needs its base class and the names of its methods to exist at all.
  const isNeededFirst = (i: number) =>
    template.parameters[i] === PARAMETER.parent || template.parameters[i]!.startsWith('__mp$key');
  slots.forEach((slot, i) => {
    if (isNeededFirst(i)) captured[i] = decoder.required(slot);
  });
  const missing: number[] = [];
  decoder.withForce(
    index,
    () => make(true),
    () => {
      slots.forEach((slot, i) => {
        if (isNeededFirst(i)) return;
        if (decoder.isOpen(slot)) missing.push(i);
        else set(i, decoder.value(slot));
      });
    },
  );
  const [fn, , home] = make(missing.length > 0);
  for (const i of missing) decoder.later(() => set(i, decoder.value(slots[i])));
  addExtras(decoder, fn, home, extras);
  return fn;
}

function addExtras(decoder: Decoder, fn: Function, home: object | undefined, extras: FunctionExtras | undefined): void {
  if (!extras) return;
  withProperties(decoder, fn, extras.properties);
  if (extras.prototypeProperties) withProperties(decoder, fn.prototype, extras.prototypeProperties);
  if (extras.prototypeParent) Object.setPrototypeOf(fn.prototype, decoder.required(extras.prototypeParent).prototype);
  if (extras.home && home)
    decoder.fill(extras.home, (object) => Object.setPrototypeOf(home, Object.getPrototypeOf(object)));
}

function importOf(decoder: Decoder, slot: Slot) {
  if (slot === null || typeof slot !== 'object') return undefined;
  const node = decoder.nodes[slot[0]]!;
  return node[0] === NODE.import ? { source: decoder.imports[node[1]]!, path: node[2] } : undefined;
}

import type { Provenance } from '../origins.ts';
import { NODE, type Slot } from '../wire/format.ts';
import type { Encoder } from './encoder.ts';
import { functionExtras } from './functionExtras.ts';

/**
 * Sends a received function on. What it captures is known from when it came, so this needs neither the inspector nor
 * the parser: a worker can return an instance of a class it was sent without loading either.
 */
export function encodeReceived(encoder: Encoder, fn: Function, provenance: Provenance): Slot {
  const { id, template, captured, imports } = provenance;
  const slots: Slot[] = [];
  const node: any[] = [NODE.function, id, template.id, slots, undefined];
  const slot = encoder.add(node as never, fn);
  encoder.templates.add(template);
  const label = { name: fn.name, title: `function '${fn.name}'`, location: undefined };
  encoder.trail.within({ function: () => label }, () => {
    captured.forEach((value, i) => {
      const imported = imports[i];
      const variable = template.parameters[i]!;
      slots.push(
        imported
          ? encoder.addImport(imported.source, imported.path)
          : encoder.trail.within({ variable }, () => encoder.slot(value)),
      );
    });
    node[4] = functionExtras(encoder, fn, /^class\b/.test(template.text), template.form === 'expression');
  });
  return slot;
}

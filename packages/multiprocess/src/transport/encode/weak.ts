import { isPlainRecord } from '../modules/exports.ts';
import { NODE, type Slot } from '../wire/format.ts';
import type { Encoder } from './encoder.ts';
import type { Trail } from './trail.ts';

export interface PendingWeak {
  collection: WeakMap<object, unknown> | WeakSet<object>;
  slots: Slot[];
  trail: Trail;
}

/**
 * A WeakMap cannot be listed, but its receiver could only ever look up keys that arrive in the same message: send the
 * entries of those. An entry's value may bring further keys, so this goes on until nothing new appears.
 */
export function finishWeakCollections(encoder: Encoder): void {
  if (encoder.pendingWeak.length === 0) return;
  exposePlainData(encoder);
  const seen = new Map(encoder.pendingWeak.map((pending) => [pending, new Set<object | symbol>()]));
  for (let before = -1; before !== encoder.memo.size; ) {
    before = encoder.memo.size;
    for (const pending of encoder.pendingWeak) {
      const done = seen.get(pending) ?? new Set();
      seen.set(pending, done);
      for (const [key, slot] of [...encoder.memo]) {
        if (done.has(key) || typeof key === 'symbol') continue;
        done.add(key);
        if (!pending.collection.has(key)) continue;
        pending.slots.push(slot);
        if (pending.collection instanceof WeakMap) pending.slots.push(entryValue(pending, pending.collection.get(key)));
      }
    }
  }

  function entryValue({ trail }: PendingWeak, value: unknown): Slot {
    return encoder.withTrail(trail, () => encoder.member(' (WeakMap entry)', value));
  }
}

// Objects inside plain data have no node of their own; any of them may be a key.
function exposePlainData(encoder: Encoder): void {
  for (const node of encoder.nodes.slice()) if (node[0] === NODE.data) visit(node[1]);

  function visit(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) expose(item);
    else if (value instanceof Map || value instanceof Set) for (const item of [...value].flat()) expose(item);
    else if (isPlainRecord(value)) for (const item of Object.values(value)) expose(item);
  }

  function expose(value: unknown): void {
    if (typeof value !== 'object' || value === null || encoder.memo.has(value)) return;
    encoder.add([NODE.data, value], value);
    visit(value);
  }
}

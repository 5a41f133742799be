import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as layout from '../../dist/memory/layout.js';
import { native } from '../../dist/native.js';

test('layout.ts says of every field what layout.h says', () => {
  const { HEADER, SLOT, MAGIC, LAYOUT_VERSION, REALM_SIZE, SLOT_COUNT, SLOTS_OFFSET } = layout;
  const { SLOT_SIZE, HEAP_OFFSET, SLOT_NAME_SIZE } = layout;
  const numbers = { MAGIC, LAYOUT_VERSION, REALM_SIZE, SLOT_COUNT, SLOTS_OFFSET, SLOT_SIZE, HEAP_OFFSET };
  const ours = { ...numbers, SLOT_NAME_SIZE, ...prefixed('HEADER', HEADER), ...prefixed('SLOT', SLOT) };
  assert.deepEqual(ours, native.realmLayout());
});

function prefixed(name: string, fields: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(fields).map(([field, offset]) => [`${name}.${field}`, offset]));
}

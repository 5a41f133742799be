/** What is sent. */

export interface Shape {
  name: string;
  value: unknown;
  /** Without: what JSON makes of it is something else. */
  json?: boolean;
}

const record = { a: 1, b: 2, c: 'three', d: true, e: null, f: 1.5, g: 'seven', h: 8, i: 'nine', j: 10 };

export const SHAPES: readonly Shape[] = [
  { name: 'integer', value: 5 },
  { name: 'double', value: 1.5 },
  { name: 'text, 11 characters', value: 'hello world' },
  { name: 'text, 1,000 characters', value: 'x'.repeat(1000) },
  { name: 'object of 10 fields', value: record },
  { name: 'nested objects', value: { id: 7, user: { name: 'ann', tags: ['a', 'b'] }, at: { x: 1.5, y: 2.5 } } },
  { name: 'array of 3 numbers', value: [1, 2, 3] },
  { name: 'array of 1,000 numbers', value: Array.from({ length: 1000 }, (_, i) => i / 2) },
  { name: '100 such objects', value: Array.from({ length: 100 }, (_, i) => ({ ...record, a: i })) },
  { name: 'Map of 10', value: new Map(Array.from({ length: 10 }, (_, i) => [i, `${i}`])), json: false },
  { name: 'Uint8Array of 1 KB', value: new Uint8Array(1024), json: false },
  { name: 'Buffer of 1 KB', value: Buffer.alloc(1024), json: false },
];

/** Records of many other shapes, as a program has them besides. */
export function otherRecords(count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => {
    const keys = Array.from({ length: 1 + (i % 9) }, (_, j) => [`key${(i * 7 + j * 13) % 40}`, VALUES[(i + j) % 6]]);
    return Object.fromEntries(keys);
  });
}

const VALUES = [1, 2.5, 'text', null, [1, 'two'], { x: 1, y: true }];

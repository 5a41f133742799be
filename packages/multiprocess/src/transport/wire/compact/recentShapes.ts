/** The blocks of the records that arrived lately, with what makes such objects. */

export interface Shape {
  block: Uint8Array;
  keys: string[];
  uses: number;
  /** Reads the values and makes the object, which is in V8's final form from its first property on. */
  make: (() => object) | undefined;
}

const TABLE = 512; // a power of 2
const USES_TO_COMPILE = 16;
const table: (Shape | undefined)[] = new Array(TABLE).fill(undefined);
let mayCompile = true;

/** The shape whose block begins `at`, if it came lately. */
export function findShape(bytes: Uint8Array, at: number): Shape | undefined {
  const first = indexOf(bytes, at);
  const shape = table[first];
  if (shape && isAt(shape.block, bytes, at)) return shape;
  const other = table[first ^ 1];
  return other && isAt(other.block, bytes, at) ? other : undefined;
}

export function addShape(bytes: Uint8Array, start: number, end: number, keys: string[]): Shape {
  const shape: Shape = { block: bytes.slice(start, end), keys, uses: 0, make: undefined };
  const first = indexOf(bytes, start);
  table[first ^ 1] = table[first];
  table[first] = shape;
  return shape;
}

/** Counts a use; a shape that comes often gets a function of its own. */
export function compileLater(shape: Shape, read: () => unknown): void {
  if (++shape.uses !== USES_TO_COMPILE || !mayCompile) return;
  // In brackets even `__proto__` is an ordinary key.
  const properties = shape.keys.map((key) => `[${JSON.stringify(key)}]: read()`);
  try {
    shape.make = new Function('read', `return () => ({ ${properties.join(', ')} })`)(read) as () => object;
  } catch {
    mayCompile = false; // code generation from strings is disallowed
  }
}

function indexOf(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1]! | (bytes[at + 2]! << 8)) & (TABLE - 1);
}

function isAt(block: Uint8Array, bytes: Uint8Array, at: number): boolean {
  const { length } = block;
  for (let i = 1; i < length; i++) if (block[i] !== bytes[at + i]) return false;
  return true;
}

/** Structs: named fields that lie in memory as a C compiler would lay them out. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { type PackedCell, packCell, unpackCell } from '../memory/index.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { KIND } from './cell.ts';
import { Memory } from './memory.ts';
import { type Layout, scalarOf, unknownType } from './scalars.ts';
import type { Fields, ValueOf } from './types.ts';

/** A field of a {@link Struct}. */
export interface Field {
  readonly name: string;
  /** Bytes from the beginning of the struct. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  readonly type: string;
}

/**
 * Describes a struct for `Value`, `SharedArray` and their raw twins. Types of fields are those of values: numbers, flags,
 * characters and other structs. The layout is C's on this platform, and so that of Python's `ctypes.Structure`: fields in
 * the order in which they stand, each aligned to its size. Field names are identifiers.
 *
 * A value of it reads as an object whose fields are those in memory: `v.value.x = 1.5` writes there, `{ ...v.value }` copies.
 *
 * Throws `ERR_MP_INVALID_ARG`.
 *
 * @example
 * const Point = struct({ x: 'f64', y: 'f64', hits: 'i32' });
 * const point = new Value(Point, { x: 0, y: 0, hits: 0 });
 * point.value.x += 1.5;
 * point.value = { x: 1, y: 2, hits: 0 };
 */
export function struct<const F extends Fields>(fields: F): Struct<F> {
  return new Struct(fields);
}

/** What {@link struct} makes: not for use by itself. */
export class Struct<F extends Fields = Fields> implements Layout {
  /** As it was described. */
  readonly definition: Readonly<F>;
  readonly fields: readonly Field[];
  /** In bytes, a multiple of `align`. */
  readonly size: number;
  readonly align: number;
  readonly #members: Member[] = [];
  /** Of an object over the struct: enumerable, so that spreading, comparing and printing see the fields. */
  readonly #accessors: PropertyDescriptorMap = {};

  /** @internal */
  constructor(definition: F) {
    if (!isRecord(definition)) throw invalidArgument('fields', 'an object of types by name', definition);
    this.definition = Object.freeze({ ...definition });
    let end = 0;
    let align = 1;
    for (const [name, type] of Object.entries(this.definition)) {
      if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === '__proto__')
        throw invalidArgument('the name of a field', 'an identifier', name);
      const layout = layoutOf(type, `the type of field '${name}'`);
      const member = { name, layout, offset: roundUp(end, layout.align) };
      end = member.offset + layout.size;
      align = Math.max(align, layout.align);
      this.#members.push(member);
      this.#accessors[name] = accessor(member);
    }
    if (end === 0) throw invalidArgument('fields', 'at least one field', definition);
    this.size = roundUp(end, align);
    this.align = align;
    this.fields = this.#members.map(({ name, offset, layout }) => ({
      name,
      offset,
      size: layout.size,
      type: layout.name,
    }));
  }

  /** `struct({ x: f64, n: i32 })` */
  get name(): string {
    return `struct({ ${this.#members.map(({ name, layout }) => `${name}: ${layout.name}`).join(', ')} })`;
  }

  toString(): string {
    return this.name;
  }

  /** An object over a struct in memory. @internal */
  read(memory: Memory, at: number): ValueOf<Struct<F>> {
    const object = new StructObject(this, memory, at);
    return Object.seal(Object.defineProperties(object, this.#accessors)) as never;
  }

  /** All fields are checked before one is written. @internal */
  write(memory: Memory, at: number, value: unknown, name: string): void {
    this.check(value, name);
    for (const { name: key, offset, layout } of this.#members) {
      layout.write(memory, at + offset, (value as Record<string, unknown>)[key], `${name}.${key}`);
    }
  }

  /** @internal */
  check(value: unknown, name: string): void {
    const names = this.#members.map((member) => member.name);
    if (!isRecord(value)) throw invalidArgument(name, `an object with the fields ${names.join(', ')}`, value);
    for (const key of Object.keys(value)) {
      if (names.includes(key)) continue;
      throw new MultiprocessError('ERR_MP_INVALID_ARG', `${name}: no field '${key}'; there are ${names.join(', ')}`);
    }
    for (const member of this.#members) member.layout.check(value[member.name], `${name}.${member.name}`);
  }

  /** The fields as an ordinary object, of its own. @internal */
  snapshot(memory: Memory, at: number): ValueOf<Struct<F>> {
    const copies = this.#members.map(({ name, layout, offset }) => [name, layout.snapshot(memory, at + offset)]);
    return Object.fromEntries(copies);
  }
}

interface Member {
  name: string;
  layout: Layout;
  offset: number;
}

/** What reads as the value of a struct. Sent elsewhere, it is the same memory there. */
class StructObject {
  readonly #struct: Struct<any>;
  readonly #memory: Memory;
  readonly #at: number;

  constructor(type: Struct<any>, memory: Memory, at: number) {
    this.#struct = type;
    this.#memory = memory;
    this.#at = at;
  }

  /** Otherwise it would be printed as a list of getters. */
  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return { ...this };
  }

  static get({ layout, offset }: Member, object: StructObject): unknown {
    return layout.read(object.#memory, object.#at + offset);
  }

  static set({ layout, offset, name }: Member, object: StructObject, value: unknown): void {
    layout.write(object.#memory, object.#at + offset, value, name);
  }

  static pack(object: StructObject): PackedStruct {
    const { cell, start } = object.#memory;
    return [object.#struct, packCell(cell), object.#at - start];
  }
}

type PackedStruct = [type: Struct<any>, cell: PackedCell, at: number];

registerHandle<StructObject, PackedStruct>(StructObject, {
  tag: 'StructObject',
  pack: StructObject.pack,
  unpack: ([type, packed, at]) => {
    const memory = new Memory(unpackCell(packed, KIND));
    return type.read(memory, memory.start + at) as unknown as StructObject;
  },
});
registerHandle<Struct<any>, Fields>(Struct, {
  tag: 'Struct',
  pack: ({ definition }) => ({ ...definition }),
  unpack: (definition) => new Struct(definition),
});
registerKnown('struct', struct);

function accessor(member: Member): PropertyDescriptor {
  return {
    enumerable: true,
    configurable: true,
    get(this: StructObject) {
      return StructObject.get(member, this);
    },
    set(this: StructObject, value: unknown) {
      StructObject.set(member, this, value);
    },
  };
}

/** The layout of a type. Throws `ERR_MP_INVALID_ARG`, which calls the argument `name`. */
export function layoutOf(type: unknown, name = 'type'): Layout {
  if (type instanceof Struct) return type;
  const scalar = scalarOf(type);
  if (!scalar) throw unknownType(name, type);
  return scalar;
}

const roundUp = (n: number, step: number): number => Math.ceil(n / step) * step;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

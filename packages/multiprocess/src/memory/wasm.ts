/**
 * An assembler for WebAssembly: enough for a few functions over one memory, so that no tool chain is needed to build them.
 * Source: WebAssembly Core Specification 2.0, chapter 5 (binary format); the threads proposal for what is atomic.
 */

/** What is used of the global of this name; undefined where WebAssembly is switched off. */
export const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => WasmMemory;
    Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
    Instance: new (module: object, imports: Record<string, Record<string, object>>) => { exports: unknown };
  };
};

export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

/** A function of 32-bit integers, which returns one. Its body is a list of what the functions below return. */
export interface WasmFunction {
  parameters: number;
  body: number[][];
}

const I32 = 0x7f;
const END = 0x0b;

/** The bytes of a module whose memory is imported as `memory.shared`, and which exports the functions by their names. */
export function assemble(pages: number, functions: Record<string, WasmFunction>): Uint8Array<ArrayBuffer> {
  const all = Object.entries(functions);
  const types = all.map(([, { parameters }]) => [0x60, ...list(Array(parameters).fill([I32])), ...list([[I32]])]);
  const memory = [...text('memory'), ...text('shared'), 0x02, 0x03, ...unsigned(pages), ...unsigned(pages)];
  const bodies = all.map(([, { body }]) => [0, ...body.flat(), END]); // 0: no locals
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      all.map((_, i) => [i]),
    ),
    ...section(
      7,
      all.map(([name], i) => [...text(name), 0x00, i]),
    ),
    ...section(
      10,
      bodies.map((bytes) => [...unsigned(bytes.length), ...bytes]),
    ),
  ]);
}

/** The value of the n-th parameter. */
export const parameter = (n: number): number[] => [0x20, n];
export const i32 = (value: number): number[] => [0x41, ...signed(value)];
export const i64 = (value: number): number[] => [0x42, ...signed(value)];
export const isZero = [0x45];
export const isEqual = [0x46];
export const isAtMostUnsigned = [0x4d];
export const add = [0x6a];
export const subtract = [0x6b];
export const and = [0x71];
export const addLongs = [0x7c];

/** Of the address on the stack, at a distance from it: loads and stores of an aligned word (32 bits) or long (64). */
export const loadWord = (distance: number): number[] => [0x28, 2, ...unsigned(distance)];
export const storeWord = (distance: number): number[] => [0x36, 2, ...unsigned(distance)];
export const loadLong = (distance: number): number[] => [0x29, 3, ...unsigned(distance)];
export const storeLong = (distance: number): number[] => [0x37, 3, ...unsigned(distance)];
/** Address; address, value; address, amount; address, expected, replacement: sequentially consistent. The last two return what was there before. */
export const atomicLoad = (distance: number): number[] => [0xfe, 0x10, 2, ...unsigned(distance)];
export const atomicStore = (distance: number): number[] => [0xfe, 0x17, 2, ...unsigned(distance)];
export const atomicAdd = (distance: number): number[] => [0xfe, 0x1e, 2, ...unsigned(distance)];
export const atomicCompareExchange = (distance: number): number[] => [0xfe, 0x48, 2, ...unsigned(distance)];

/** Does `body`, which leaves nothing on the stack, if the condition on the stack is not 0. */
export const when = (...body: number[][]): number[] => [0x04, 0x40, ...body.flat(), END];
/** One of two values. */
export const choose = (ifTrue: number[][], ifFalse: number[][]): number[] => [
  ...[0x04, I32, ...ifTrue.flat()],
  ...[0x05, ...ifFalse.flat(), END],
];

/** `body`, if the condition on the stack is not 0; otherwise 0. */
export const provided = (...body: number[][]): number[] => choose(body, [i32(0)]);

function section(id: number, entries: number[][]): number[] {
  const bytes = list(entries);
  return [id, ...unsigned(bytes.length), ...bytes];
}

const list = (entries: number[][]): number[] => [...unsigned(entries.length), ...entries.flat()];
const text = (name: string): number[] => list([...Buffer.from(name)].map((byte) => [byte]));

/** LEB128: seven bits a byte, the lowest first, and the eighth bit says that more follow. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** As {@link unsigned}; the seventh bit of the last byte is the sign. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

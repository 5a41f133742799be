export type { Holdable, LockOf, LockOption, SharedOptions } from './locks.ts';
export { RawArray } from './raw-array.ts';
export { RawValue } from './raw-value.ts';
export { SharedArray } from './shared-array.ts';
export type { Source } from './source.ts';
export { type Field, type Struct, struct } from './struct.ts';
export type { AddendOf, ArrayOf, Fields, InputOf, TypeName, ValueOf, ValueType } from './types.ts';
export { Value } from './value.ts';

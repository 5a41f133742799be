import { MultiprocessError } from '../errors.ts';

/** A class may define `[reduce](): [maker, args]`; its instances then arrive as `maker(...args)`, or `new maker(...args)` of a class. */
export const reduce: unique symbol = Symbol.for('multiprocess.reduce') as never;

export interface Handle<T = any, D = any> {
  /** Names the class in messages; the receiver must have registered the same. */
  tag: string;
  /** An instance is in one place only: it leaves its sender with the message, and errors do not take it along. */
  moves?: boolean;
  /** Why this instance cannot be sent now; undefined: it can. Asked before `pack`. */
  refusal?(instance: T): Unsendable | undefined;
  /**
   * What stands for the instance in a message: anything that can be sent. `undefined`: send it as an ordinary instance. For
   * what moves, it calls `onDelivery`.
   */
  pack(instance: T): D | undefined;
  unpack(data: D): T;
}

export interface Unsendable {
  /** As in error messages, after "it is a Pool, ". */
  reason: string;
  hint?: string | undefined;
}

interface AnyClass {
  readonly prototype: object;
  readonly name: string;
}

const handles = new Map<object, Handle>();
const handlesByTag = new Map<string, Handle>();
const unsendables = new Map<object, Unsendable>();
const known = new Map<string, object>();
const knownNames = new Map<object, string>();

/**
 * Instances of `owner` and its subclasses travel as `pack(instance)` and arrive as `unpack(data)`, wherever they
 * stand in a message.
 */
export function registerHandle<T, D>(owner: AnyClass & { prototype: T }, handle: Handle<T, D>): void {
  if (handlesByTag.has(handle.tag))
    throw new MultiprocessError('ERR_MP_INVALID_ARG', `handle tag ${handle.tag} is taken`);
  handles.set(owner.prototype as object, handle);
  handlesByTag.set(handle.tag, handle);
}

/** Instances of `owner` and its subclasses are refused: "it is a Pool, <reason>". */
export function registerUnsendable(owner: AnyClass, reason: string, hint?: string): void {
  unsendables.set(owner.prototype, { reason, hint });
}

/** Memory that processes have in common: ArrayBuffers over it, and views of them, arrive as the same memory. */
export interface SharedMemoryHandle<D = any> extends Handle<ArrayBuffer | ArrayBufferView, D> {
  isShared(buffer: ArrayBufferLike): boolean;
  pack(object: ArrayBuffer | ArrayBufferView): D;
}

let sharedMemory: SharedMemoryHandle | undefined;

/** To be called once. */
export function registerSharedMemory<D>(handle: SharedMemoryHandle<D>): void {
  sharedMemory = handle;
  handlesByTag.set(handle.tag, handle);
}

/** The handle by which a buffer, and views of it, travel; undefined: they are copied. */
export function sharedMemoryOf(buffer: ArrayBufferLike): SharedMemoryHandle | undefined {
  return sharedMemory?.isShared(buffer) ? sharedMemory : undefined;
}

/**
 * `value`, a class or function of this library, travels by `name` alone. Without it the library's own exports go by
 * reference like those of any module, which works too but needs the inspector.
 */
export function registerKnown(name: string, value: object): void {
  known.set(name, value);
  knownNames.set(value, name);
}

/** What the nearest class of a prototype chain has registered. */
export function registrationOf(prototype: object | null): { handle?: Handle; unsendable?: Unsendable } | undefined {
  for (let p = prototype; p !== null; p = Object.getPrototypeOf(p)) {
    const handle = handles.get(p);
    if (handle) return { handle };
    const unsendable = unsendables.get(p);
    if (unsendable) return { unsendable };
  }
  return undefined;
}

export function handleByTag(tag: string): Handle {
  const handle = handlesByTag.get(tag);
  if (!handle) throw new MultiprocessError('ERR_MP_BAD_HANDLE', `nothing in this process can receive a '${tag}'`);
  return handle;
}

export const registeredName = (value: object): string | undefined => knownNames.get(value);

export function registeredValue(name: string): object {
  const value = known.get(name);
  if (!value) throw new MultiprocessError('ERR_MP_REMOTE', `this process does not know multiprocess's own '${name}'`);
  return value;
}

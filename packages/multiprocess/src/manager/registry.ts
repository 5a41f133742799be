/** What a manager can make: types by name. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { check, checkNames, isBoolean, isFunction, isObject } from '../options.ts';
import type { BaseProxy, Referent } from './proxy.ts';

export type Callable = ((...args: any[]) => unknown) | (new (...args: any[]) => object);
export type ProxyClass = new (referent: Referent) => BaseProxy;

export interface RegisterOptions {
  /**
   * Names of methods that clients may call. @default all that do not begin with an underscore; properties are read by
   * methods of their name
   */
  exposed?: readonly string[];
  /** Class of the proxies: a subclass of `BaseProxy`. @default one made from the exposed names */
  proxyType?: ProxyClass;
  /** Methods whose result stays in the manager: clients get a proxy for it, of the type named here. */
  methodToTypeid?: Readonly<Record<string, string>>;
  /** Whether managers get a method of this name. @default true */
  createMethod?: boolean;
}

export interface TypeSpec extends RegisterOptions {
  callable?: Callable | undefined;
  /** What Python's proxies call it, and how: by Python's names, with Python's arguments. */
  python?: PythonMethods;
}

/** Keyword arguments come as an object. */
export type PythonMethods = Readonly<
  Record<string, (object: any, args: any[], kwargs: Record<string, any>) => unknown>
>;

export type Registry = Map<string, TypeSpec>;

const OPTIONS = ['exposed', 'proxyType', 'methodToTypeid', 'createMethod'];

/** Throws `ERR_MP_INVALID_ARG`. */
export function checkRegistration(
  typeid: unknown,
  callable: unknown,
  options: RegisterOptions,
  isProxyClass: (value: unknown) => boolean,
): void {
  if (typeof typeid !== 'string' || typeid === '') {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `${String(typeid)} is not a string: the first argument is the type's name`,
    );
  }
  if (callable !== null) check('callable', 'a class or function', callable, isFunction);
  checkNames(options, OPTIONS);
  check('exposed', 'an array of names', options.exposed, isNames);
  check('proxyType', 'a subclass of BaseProxy', options.proxyType, isProxyClass);
  check('methodToTypeid', 'an object', options.methodToTypeid, isObject);
  check('createMethod', 'a boolean', options.createMethod, isBoolean);
}

/** The object of a type; a promise if making it takes longer. */
export function make({ callable }: TypeSpec, args: readonly unknown[]): unknown {
  if (callable)
    return isClass(callable)
      ? new (callable as new (...args: unknown[]) => object)(...args)
      : (callable as Function)(...args);
  if (args.length === 1) return args[0];
  throw new MultiprocessError('ERR_MP_INVALID_ARG', 'Without callable, must have one non-keyword argument');
}

/** Names that clients may use, of an object for which nothing else was said. */
export function publicMembers(object: unknown): string[] {
  const names = new Set<string>();
  const own = Object(object) as object;
  for (const name of Object.keys(own)) names.add(name);
  for (let p = Object.getPrototypeOf(own); p !== null && p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    for (const name of Object.getOwnPropertyNames(p)) names.add(name);
  }
  names.delete('constructor');
  return [...names].filter((name) => !name.startsWith('_') && name !== 'then');
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isClass(callable: Callable): boolean {
  const text = Function.prototype.toString.call(callable);
  return text.startsWith('class') || (text.includes('[native code]') && callable.prototype !== undefined);
}

export function unknownType(typeid: string, registry: Registry): MultiprocessError {
  return invalidArgument(
    'typeid',
    `one of those that are registered (${[...registry.keys()].join(', ') || 'none'})`,
    typeid,
  );
}

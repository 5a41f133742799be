/** For what Python tells apart and JavaScript does not: tuples and lists, 1.0 and 1. */
import { invalidArgument } from '../../errors.ts';

export class Tuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = Object.freeze([...items]);
  }
}

export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What Python gets by calling a function or class of its own. For the library's own protocols. */
export class PythonCall {
  readonly module: string;
  readonly name: string;
  readonly args: Tuple;

  constructor(module: string, name: string, args: readonly unknown[]) {
    this.module = module;
    this.name = name;
    this.args = new Tuple(args);
  }
}

/**
 * A tuple, for Python: an array would arrive as a list. (A tuple of Python's arrives here as an array.)
 *
 * @example
 * await connection.send(tuple('add', [1, 2])); // ('add', [1, 2])
 */
export function tuple(...items: unknown[]): Tuple {
  return new Tuple(items);
}

/**
 * A float, for Python, although it may be a whole number: 1 would arrive as an int.
 *
 * @example
 * await connection.send(float(1)); // 1.0
 */
export function float(value: number): Float {
  if (typeof value !== 'number') throw invalidArgument('value', 'a number', value);
  return new Float(value);
}

/** What `new Process(options)` accepts. */
import { describe, MultiprocessError } from '../errors.ts';
import { check, checkNames, isBoolean, isFunction, isObject, isString } from '../options.ts';

type Dropped<P extends readonly unknown[]> = P extends [...infer Head, unknown] ? Head : [];
type Trailing<P extends readonly unknown[]> = P extends [...unknown[], infer Last] ? Last : never;

export type Target = (...args: any[]) => unknown;

/** `args` must be what `target` takes; with `kwargs`, they are its last parameter. */
export type Call<F extends Target> =
  | { target?: F; args?: Readonly<Parameters<F>>; kwargs?: undefined }
  | {
      target?: F;
      args?: Readonly<Dropped<Required<Parameters<F>>>>;
      kwargs: Trailing<Required<Parameters<F>>> & object;
    };

export interface ProcessSettings {
  /** For error messages, `mp ps` and logs. @default `Process-1`, in its children `Process-1:1` */
  name?: string;
  /**
   * A daemon is terminated when its parent's own work is done, dies with its parent, and cannot have children.
   * @default inherited from the current process
   */
  daemon?: boolean;
  /** Kept for Python's sake: must be null. */
  group?: null;
  /** What happens when the parent dies without a word: 'adopt' lets the process go on, 'kill' ends it. @default 'adopt' */
  orphan?: 'adopt' | 'kill';
  /** Environment variables, in place of the parent's. @default the parent's `process.env` at `start()` */
  env?: NodeJS.ProcessEnv;
  /** Working directory. @default the parent's at `start()` */
  cwd?: string;
  /** Node.js options such as `--max-old-space-size=512`: they need a Node of their own, so the process is spawned. */
  execArgv?: readonly string[];
}

export type ProcessOptions<F extends Target = Target> = ProcessSettings & Call<F>;

const KNOWN = ['target', 'args', 'kwargs', 'name', 'daemon', 'group', 'orphan', 'env', 'cwd', 'execArgv'];

/** Throws `ERR_MP_INVALID_ARG` for the first option that is unknown or of the wrong type. */
export function checkOptions(options: Partial<Record<string, unknown>>): void {
  checkNames(options, KNOWN);
  const { target, args, kwargs, name, daemon, group, orphan, env, cwd, execArgv } = options;
  if (group !== undefined && group !== null) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `group argument must be None for now: pass null, not ${describe(group)}`,
    );
  }
  check('target', 'a function', target, isFunction);
  check('args', 'an array of arguments', args, Array.isArray);
  check('kwargs', 'an object', kwargs, isObject);
  checkName(name);
  check('daemon', 'a boolean', daemon, isBoolean);
  check('orphan', "'adopt' or 'kill'", orphan, (value) => value === 'adopt' || value === 'kill');
  check('env', 'an object of strings', env, isObject);
  check('cwd', 'a path', cwd, isString);
  check('execArgv', 'an array of strings', execArgv, isStringArray);
}

export function checkName(name: unknown): void {
  check('name', 'a string', name, isString);
}

export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

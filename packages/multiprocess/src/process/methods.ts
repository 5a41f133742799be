/** Start methods: which there are, and which is the default. */
import { MultiprocessError } from '../errors.ts';

/** 'forkserver': fork(2) from a template process, about a millisecond. 'spawn': a new Node.js, tens of milliseconds. */
export type StartMethod = 'forkserver' | 'spawn';

const METHODS: readonly StartMethod[] = ['forkserver', 'spawn'];
let chosen: StartMethod | undefined;

/** Every start method of this platform, the default one first. */
export function getAllStartMethods(): StartMethod[] {
  return [...METHODS];
}

/**
 * The method by which `Process.start()` starts processes.
 *
 * With `allowNone`, undefined when none has been set; without it, asking fixes the default.
 */
export function getStartMethod(options?: { allowNone?: false }): StartMethod;
export function getStartMethod(options: { allowNone?: boolean }): StartMethod | undefined;
export function getStartMethod({ allowNone = false }: { allowNone?: boolean } = {}): StartMethod | undefined {
  if (chosen === undefined && !allowNone) chosen = METHODS[0];
  return chosen;
}

/**
 * Chooses the default start method, once per program.
 *
 * Throws `ERR_MP_INVALID_ARG` for an unknown method, and when one has been set already, unless `force` is true.
 *
 * @example
 * setStartMethod('spawn');
 */
export function setStartMethod(method: StartMethod, { force = false }: { force?: boolean } = {}): void {
  checkStartMethod(method);
  if (chosen !== undefined && !force) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `context has already been set (to '${chosen}'); pass { force: true } to change it`,
    );
  }
  chosen = method;
}

/** What a child takes over from its parent. */
export function inheritStartMethod(method: StartMethod | undefined): void {
  chosen = method;
}

export function checkStartMethod(method: unknown): asserts method is StartMethod {
  if (!METHODS.includes(method as StartMethod)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `cannot find context for '${method}'; there are ${METHODS.join(' and ')}`,
    );
  }
}

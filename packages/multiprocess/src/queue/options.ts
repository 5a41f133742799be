/** The options of queues. */
import { invalidArgument } from '../errors.ts';
import { checkNames } from '../options.ts';
import { OPTION } from './layout.ts';
import type { Limits } from './line.ts';

export interface QueueOptions {
  /** Most values at a time; 0: as many as fit. @default 0 */
  maxSize?: number;
  /**
   * Most bytes at a time, as they lie in shared memory (a small object takes about 50). Then `put` waits. One value that
   * is larger may be put into an empty queue. @default 1 GiB
   */
  maxBytes?: number;
  /**
   * Whether a wait goes on when every other process and thread that had the queue is gone, because others will get it later.
   * Otherwise it ends with `ERR_MP_PEER_GONE`. @default false
   */
  waitForPeers?: boolean;
}

export interface JoinableQueueOptions extends QueueOptions {
  /** Items taken by a consumer that dies before its `taskDone()` are delivered again. @default false */
  redeliver?: boolean;
}

const DEFAULT_BYTES = 2 ** 30;
export const UNLIMITED: Limits = { maxSize: 0, maxBytes: 2 ** 36, options: 0 };
const MOST = 2 ** 31 - 1;

/** Throws `ERR_MP_INVALID_ARG`. */
export function checkQueueOptions(given: number | JoinableQueueOptions | undefined, isJoinable: boolean): Limits {
  const options = typeof given === 'number' ? { maxSize: given } : (given ?? {});
  if (typeof options !== 'object') throw invalidArgument('options', 'a number or an object', given);
  checkNames(options, ['maxSize', 'maxBytes', 'waitForPeers', ...(isJoinable ? ['redeliver'] : [])]);
  const { maxSize = 0, maxBytes = DEFAULT_BYTES, waitForPeers = false, redeliver = false } = options;
  // Python takes 0 and anything below as no limit.
  if (!(Number.isInteger(maxSize) || maxSize === Number.POSITIVE_INFINITY)) {
    throw invalidArgument('maxSize', 'an integer, or Infinity', maxSize);
  }
  if (!(maxBytes > 0)) throw invalidArgument('maxBytes', 'a number of bytes above 0', maxBytes);
  for (const [name, value] of Object.entries({ waitForPeers, redeliver })) {
    if (typeof value !== 'boolean') throw invalidArgument(name, 'true or false', value);
  }
  return {
    maxSize: maxSize < 0 || maxSize > MOST ? 0 : maxSize,
    maxBytes,
    options: (waitForPeers ? OPTION.waitForPeers : 0) | (redeliver ? OPTION.redeliver : 0),
  };
}

/** Managers of segments. CPython: `multiprocessing.managers.SharedMemoryManager`. */
import { invalidArgument } from '../errors.ts';
import { ShareableList, type ShareableValue, type SharedMemory } from '../shared/index.ts';
import { registerKnown } from '../transport/index.ts';
import { ASK, ASK_SYNC, BaseManager, SEGMENTS } from './base-manager.ts';
import { Segments } from './segments.ts';

type Values = Iterable<ShareableValue | undefined | ReturnType<typeof ShareableList.float>>;

/**
 * A manager whose segments of shared memory last as long as it does: they are unlinked when it has been shut down, or its process
 * has ended in any other way. They are used as those that are made without a manager: by their names, or as an argument or
 * message. Who connects to one of another program must run on the same machine.
 *
 * A segment that is unlinked earlier is left alone; who is attached keeps the memory until he closes it.
 *
 * @example
 * await using manager = new SharedMemoryManager();
 * await manager.start();
 * const list = await manager.ShareableList([1, 'two', null]);
 * const child = new Process({ target: () => list.set(0, 3) });
 */
export class SharedMemoryManager extends BaseManager {
  /** @internal */
  override readonly [SEGMENTS] = new Segments();

  /**
   * A new segment of `size` bytes, attached here. Rejects with `ERR_MP_INVALID_ARG`, `ERR_MP_NO_MEMORY`, `ERR_MP_NOT_STARTED`, and with
   * `ERR_MP_CLOSED` after `shutdown()`.
   */
  SharedMemory(size: number): Promise<SharedMemory> {
    return this[ASK]('SharedMemory', [size]) as Promise<SharedMemory>;
  }

  SharedMemorySync(size: number): SharedMemory {
    return this[ASK_SYNC]('SharedMemory', [size]) as SharedMemory;
  }

  /** A new list in a segment of its own, attached here. Rejects as `SharedMemory` does. */
  async ShareableList(values?: Values | null): Promise<ShareableList> {
    return (await this[ASK]('ShareableList', [sendable(values)])) as ShareableList;
  }

  ShareableListSync(values?: Values | null): ShareableList {
    return this[ASK_SYNC]('ShareableList', [sendable(values)]) as ShareableList;
  }
}

function sendable(values: Values | null | undefined): unknown {
  if (values === undefined || values === null || values instanceof ShareableList) return values;
  if (typeof values[Symbol.iterator] !== 'function') throw invalidArgument('values', 'an iterable of values', values);
  return [...values];
}

registerKnown('SharedMemoryManager', SharedMemoryManager);

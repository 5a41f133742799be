/** Segments of a SharedMemoryManager: made in its process, unlinked when that has ended, however it did. */
import type { MultiprocessError } from '../errors.ts';
import { SimpleQueue } from '../queue/index.ts';
import { ShareableList, type ShareableValue, SharedMemory } from '../shared/index.ts';
import { unlinkSegment } from '../shared/internal.ts';

export class Segments {
  /** What was made. It lies in shared memory: whoever has started the manager can read it when that is dead. */
  readonly names: SimpleQueue<string>;

  constructor(names: SimpleQueue<string> = new SimpleQueue()) {
    this.names = names;
  }

  /** In the manager. What it makes travels by name, so that it need not stay attached. */
  make(kind: 'SharedMemory' | 'ShareableList', [value]: readonly unknown[]): SharedMemory | ShareableList {
    const made =
      kind === 'SharedMemory'
        ? new SharedMemory({ create: true, size: value as number })
        : new ShareableList(value as Iterable<ShareableValue>);
    const memory = made instanceof SharedMemory ? made : made.shm;
    this.names.putSync(memory.name); // killed before this, it leaves the segment to the keeper
    memory.close();
    return made;
  }

  /** Unlinks all that were made and are there. Doing it again is fine. */
  unlink(): void {
    for (let next = this.names.tryGet(); next; next = this.names.tryGet()) unlink(next.value);
  }
}

function unlink(name: string): void {
  try {
    unlinkSegment(name);
  } catch (error) {
    if ((error as MultiprocessError).code !== 'ERR_MP_NOT_FOUND') throw error;
  }
}

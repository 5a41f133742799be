/** Queues in messages. */
import { around, type PackedCell, packCell, unpackCell } from '../memory/index.ts';
import { printsAsString } from '../sync/internal.ts';
import { registerHandle } from '../transport/index.ts';
import type { MessageQueue } from './base.ts';
import { QUEUE } from './layout.ts';

/** Queues of a class travel by handle. From then on others have them: see `ERR_MP_PEER_GONE`. */
export function registerQueue<Q extends MessageQueue<any>>(Class: new () => Q, tag: string, kind: number): void {
  printsAsString(Class);
  registerHandle<Q, PackedCell>(Class, {
    tag,
    pack(queue) {
      queue.use();
      const packed = packCell(queue.cell);
      if (packed[2] !== 0) queue.line.store.set(QUEUE.shared, 1);
      return packed;
    },
    unpack(packed) {
      const queue = around(unpackCell(packed, kind), () => new Class());
      queue.line.store.set(QUEUE.shared, 1);
      return queue;
    },
  });
}

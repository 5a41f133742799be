/** What is read of Node's own objects beneath sockets and servers. Not documented, but all that tells the descriptor. */
import type net from 'node:net';

interface StreamHandle {
  fd?: number;
  reading?: boolean;
  readStart(): number;
  readStop(): number;
  hasRef(): boolean;
  /** Bytes that wait for the kernel to have room. */
  writeQueueSize?: number;
}

/** undefined: it is not open, or, as in a worker of node:cluster, not this process's own. */
export function handleOf(object: net.Socket | net.Server): StreamHandle | undefined {
  const handle = (object as unknown as { _handle: StreamHandle | null })._handle;
  return handle && (handle.fd ?? -1) >= 0 ? handle : undefined;
}

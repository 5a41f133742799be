/** What a worker of a prefork server runs: it accepts connections and serves them, many at a time, until it is told to stop. */
import { once } from 'node:events';
import net from 'node:net';
import { RingWriter } from '../channel/index.ts';
import { type Descriptor, listenOn } from '../descriptor/index.ts';
import { leaveFailure, printUncaught } from '../process/internal.ts';
import type { RawArray } from '../shared/index.ts';
import type { Event } from '../sync/index.ts';
import { dumpsError, loads, registerKnown } from '../transport/index.ts';
import type { Handler } from './options.ts';
import { serve } from './serve.ts';

export interface WorkerConfig {
  /** The handler, as bytes. */
  program: Uint8Array;
  listener: Descriptor;
  options: net.ServerOpts;
  /** Where the worker keeps the number of its connections, at `index`. */
  counts: RawArray<'i32'>;
  index: number;
  /** The server stops listening. */
  stop: Event;
  /** Offset of the ring for {@link READY}, and for what handlers throw. */
  reports: number;
}

/** The first report: the worker accepts. All others are errors, as bytes. */
export const READY = new Uint8Array(0);

/** The target of such a worker. */
export async function acceptConnections(config: WorkerConfig): Promise<void> {
  const handler = await load(config.program);
  const { options, counts, index, stop } = config;
  const reports = new RingWriter(config.reports);
  let count = 0;
  const server = net.createServer(options, (socket) => void accept(socket));
  listenOn(server, config.listener.fd);
  await once(server, 'listening');
  await reports.write(READY);
  await stop.wait();
  server.close();
  await once(server, 'close'); // when the last connection has ended
  process.exit();

  async function accept(socket: net.Socket): Promise<void> {
    Atomics.store(counts.array, index, ++count);
    try {
      await serve(handler, socket);
    } catch (error) {
      printUncaught(error);
      reports.tryWrite(dumpsError(error)); // no room: it has been printed
      reports.wake();
    } finally {
      Atomics.store(counts.array, index, --count);
    }
  }
}

registerKnown('acceptConnections', acceptConnections);

async function load(program: Uint8Array): Promise<Handler> {
  try {
    return (await loads(program)) as Handler;
  } catch (error) {
    leaveFailure(dumpsError(error));
    throw error;
  }
}

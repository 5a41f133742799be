/** What the manager's process does. */

import type { Address } from '../connection/index.ts';
import { selfId } from '../memory/index.ts';
import type { PipeConnection, SimpleQueue } from '../queue/index.ts';
import { dumpsError, registerKnown } from '../transport/index.ts';
import { builtinTypes } from './builtin.ts';
import type { Knock } from './links.ts';
import type { ListenOptions } from './options.ts';
import type { TypeSpec } from './registry.ts';
import { Segments } from './segments.ts';
import { Server } from './server.ts';

export interface ServerPlan {
  /** Names the manager. */
  name: string;
  /** Types of the program's own. */
  types: [typeid: string, spec: TypeSpec][];
  /** Names of the library's. */
  builtin: string[];
  listen: ListenOptions;
  door: SimpleQueue<Knock>;
  ready: PipeConnection<Started>;
  /** Of a SharedMemoryManager: where the names of its segments go. */
  segments: SimpleQueue<string> | undefined;
  initializer?: ((...args: any[]) => unknown) | undefined;
  initArgs: readonly unknown[];
}

export type Started = { address: Address; server: number } | { error: Uint8Array };

export async function runServer({
  name,
  types,
  builtin,
  listen,
  door,
  ready,
  segments,
  initializer,
  initArgs,
}: ServerPlan): Promise<void> {
  let server: Server;
  try {
    await initializer?.(...initArgs);
    const registry = new Map([
      ...types,
      ...builtin.map((typeid): [string, TypeSpec] => [typeid, builtinTypes.get(typeid)!]),
    ]);
    server = await Server.open(registry, listen, { name, segments: segments && new Segments(segments) });
  } catch (error) {
    ready.sendSync({ error: dumpsError(error) });
    process.exit(1);
  }
  void server.serveDoor(door, { door, server: selfId() });
  ready.sendSync({ address: server.address, server: selfId() });
  ready.close();
  await server.serveForever();
  process.exit(0); // whatever the objects may have begun
}

registerKnown('runManagerServer', runServer);

/** Connecting to a manager by its address. */
import { type Address, type ConnectionOptions, Client as connect } from '../connection/index.ts';
import { MultiprocessError } from '../errors.ts';
import { currentProcess } from '../process/index.ts';
import { type WaitOptions, waitOptions } from '../timeout.ts';
import { Link } from './link.ts';
import { addLink, knownLink } from './links.ts';
import { type Args, HELLO } from './protocol.ts';
import { PythonLink } from './python-link.ts';
import { pythonGlobals, request } from './python-protocol.ts';
import type { Registry } from './registry.ts';

/** What a manager object needs of the other end. */
export interface Client {
  request(op: number, target: string, method: string | undefined, args: Args): Promise<unknown>;
  requestSync(op: number, target: string, method: string | undefined, args: Args): unknown;
}

/** A manager of this library answers our hello; one of Python's does not know the function. */
export async function connectTo(
  address: Address,
  options: ConnectionOptions,
  registry: Registry,
  timeout?: number | WaitOptions,
): Promise<Client> {
  const limits = waitOptions(timeout);
  const dial = () => connect(address, { ...options, ...limits, globals: pythonGlobals });
  const connection = await dial();
  try {
    await connection.send(request(null, HELLO, [currentProcess().name]), limits);
    const [kind, value] = (await connection.recv(limits)) as [string, string];
    if (kind === '#TRACEBACK') {
      connection.close();
      return await PythonLink.open(address, dial, registry);
    }
    if (kind !== '#RETURN')
      throw new MultiprocessError('ERR_MP_REMOTE', `no manager at this address: it answered ${kind}`);
    const known = knownLink(value);
    if (known && !known.isBroken) {
      connection.close();
      return known;
    }
    const link = new Link(connection, { manager: value, reach: {}, slot: -1, isAlive: () => true });
    link.registry = registry;
    addLink(link);
    return link;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Options of managers. */
import type { Address, ConnectionOptions, ListenerOptions } from '../connection/index.ts';
import { check, checkNames, isAtLeast } from '../options.ts';
import type { Process } from '../process/index.ts';
import { isContext } from '../process/index.ts';

type Shared = Pick<ConnectionOptions, 'authKey' | 'allowMd5' | 'digest' | 'handshakeTimeout' | 'maxMessageSize'>;

export interface ManagerOptions extends Shared {
  /**
   * `[host, port]` (port 0: any that is free), or the path of a Unix socket. @default a Unix socket in a folder that only this
   * user can enter
   */
  address?: Address | null;
  /** The secret that clients have to know. @default true: `currentProcess().authKey`, which children inherit */
  authKey?: ConnectionOptions['authKey'];
  /** Start method of the manager's process, as of `getContext('spawn')`. */
  context?: { Process: typeof Process };
  /** How long `shutdown()` waits for the manager to end, in ms, before it is terminated, and then killed. @default 1000 */
  shutdownTimeout?: number;
}

export type ListenOptions = Shared & Pick<ListenerOptions, 'family'> & { address?: Address | null };

const NAMES = [
  'address',
  'authKey',
  'allowMd5',
  'digest',
  'handshakeTimeout',
  'maxMessageSize',
  'context',
  'shutdownTimeout',
];

/** Checks what no connection will check, and fills in the key. */
export function checkOptions(options: ManagerOptions): ManagerOptions {
  checkNames(options, NAMES);
  check('context', 'a context, as of getContext()', options.context, isContext);
  check('shutdownTimeout', 'a number of milliseconds', options.shutdownTimeout, isAtLeast(0));
  return { ...options, authKey: options.authKey ?? true };
}

/** What listeners and clients take. */
export function connectionOptions(options: ManagerOptions): Shared {
  const { authKey, allowMd5, digest, handshakeTimeout, maxMessageSize } = options;
  const given = Object.entries({ authKey, allowMd5, digest, handshakeTimeout, maxMessageSize });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Connecting to a listener. CPython: `multiprocessing.connection.Client`. */
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { timedOut } from '../channel/index.ts';
import { cancelled, checkTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { type Address, addressError, checkAddress, netOptions, showAddress } from './address.ts';
import { takeSocket } from './descriptor.ts';
import { authenticate } from './handshake.ts';
import { type ConnectionOptions, type Settings, settingsOf } from './options.ts';
import type { SocketConnection } from './socket-connection.ts';

export interface ClientOptions extends ConnectionOptions {
  /** Longest time, in ms, to connect and to exchange proofs. @default the system's, and `handshakeTimeout` */
  timeout?: number;
  /** Gives up with `ERR_MP_CANCELLED`. */
  signal?: AbortSignal;
}

/**
 * Connects to a `Listener`, here or in Python. Resolves when the connection can be used: with `authKey`, after both ends have
 * proved that they know it.
 *
 * Rejects with `ERR_MP_ADDRESS` when nobody can be reached there (`cause.code` is the system's, as 'ECONNREFUSED'), with
 * `ERR_MP_AUTH`, `ERR_MP_TIMEOUT` or `ERR_MP_CANCELLED`.
 *
 * @example
 * const connection = await Client(['localhost', 6000], { authKey: 'secret' });
 * await connection.send({ hello: 'Python' });
 * console.log(await connection.recv());
 */
export async function Client(address: Address, options: ClientOptions = {}): Promise<SocketConnection> {
  const checked = checkAddress(address);
  const settings = settingsOf(options, ['timeout', 'signal']);
  checkTimeout(options.timeout);
  const { timeout, signal } = waitOptions({ timeout: options.timeout, signal: options.signal });
  const began = performance.now();
  const connection = await connectPatiently(checked, settings, { timeout, signal });
  const rest = timeout === undefined ? undefined : Math.max(0, timeout - (performance.now() - began));
  await authenticate(connection, 'client', settings, { timeout: rest, signal });
  return connection;
}

/** How often it is tried again, in ms, when too many wait at a Unix socket already: that is an error at once, but passes. */
const RETRY_INTERVAL = 10;

async function connectPatiently(address: Address, settings: Settings, limits: WaitOptions): Promise<SocketConnection> {
  const deadline = performance.now() + Math.min(limits.timeout ?? Infinity, settings.handshakeTimeout);
  for (;;) {
    const left = limits.timeout === undefined ? undefined : Math.max(0, deadline - performance.now());
    try {
      return await connect(address, settings, { timeout: left, signal: limits.signal });
    } catch (error) {
      const isBusy = ((error as Error).cause as { code?: string } | undefined)?.code === 'EAGAIN';
      if (!isBusy || performance.now() + RETRY_INTERVAL > deadline) throw error;
      await delay(RETRY_INTERVAL);
    }
  }
}

function connect(address: Address, settings: Settings, limits: WaitOptions): Promise<SocketConnection> {
  const { timeout = Infinity, signal } = limits;
  if (signal?.aborted) return Promise.reject(cancelled(signal));
  return new Promise((resolve, reject) => {
    const socket = new net.Socket();
    socket.pause(); // what the other end sends is read by the connection, not by Node
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
      socket.destroy();
    };
    const onAbort = () => settle(() => reject(cancelled(signal!)));
    const timer =
      timeout < 2 ** 31
        ? setTimeout(() => settle(() => reject(timedOut(`connecting to ${showAddress(address)}`))), timeout)
        : undefined;
    signal?.addEventListener('abort', onAbort);
    socket.on('error', (error) => settle(() => reject(addressError('cannot connect to', address, error))));
    socket.on('connect', () =>
      settle(() => {
        try {
          resolve(takeSocket(socket, settings));
        } catch (error) {
          reject(error);
        }
      }),
    );
    socket.connect(netOptions(address));
  });
}

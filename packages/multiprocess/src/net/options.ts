/** What `forkServer` and `preforkServer` accept. */
import type net from 'node:net';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { check, checkNames, isBoolean, isFunction, isString, isWhole } from '../options.ts';
import { isContext, type Process } from '../process/index.ts';

/** What serves a connection. See `forkServer` for when the connection ends. */
export type Handler = (socket: net.Socket) => unknown;

export interface ServerOptions {
  /** Address or name to listen on. @default all addresses of the machine, as in `net.Server` */
  host?: string;
  /** Port to listen on; 0: one that is free, see `server.port`. @default 0 */
  port?: number;
  /** Path of a Unix socket to listen on, in place of host and port. It is removed when the server closes. */
  path?: string;
  /** Connections that the kernel keeps until they are accepted; it may allow fewer. @default 511 */
  backlog?: number;
  /**
   * When the other end has ended its side, do not end ours by itself: as in `net.Server`. A handler that returns a promise has
   * this in any case: it ends with the promise. @default false
   */
  allowHalfOpen?: boolean;
  /** Send small writes at once (TCP_NODELAY). @default false */
  noDelay?: boolean;
  /**
   * Called in this process with what a handler has thrown, or with a `WorkerDiedError` (`ERR_MP_WORKER_DIED`: `pid`, `exitCode`,
   * `signal`) when a process ended before its handler did. The child has printed a thrown error already.
   */
  onError?: (error: Error) => void;
  /** Where the children's start method comes from: `getContext('spawn')`, say. @default that of the program */
  context?: { readonly Process: typeof Process };
}

export interface ForkServerOptions extends ServerOptions {
  /** Connections that are served at the same time; further ones are accepted and wait. @default 40, as in CPython */
  maxProcesses?: number;
}

export interface PreforkServerOptions extends ServerOptions {
  /** Processes that accept connections. @default `processCpuCount()` */
  workers?: number;
}

export interface CloseOptions {
  /** Ends what is still being served after this many ms. @default Infinity */
  timeout?: number;
}

const COMMON = ['host', 'port', 'path', 'backlog', 'allowHalfOpen', 'noDelay', 'onError', 'context'];

/** Throws `ERR_MP_INVALID_ARG` for the first option that is unknown or of the wrong type; `own` is the count of processes. */
export function checkServer(handler: unknown, options: Partial<Record<string, unknown>>, own: string): void {
  if (typeof handler !== 'function') throw invalidArgument('handler', 'a function', handler);
  checkNames(options, [...COMMON, own]);
  const { host, port, path, backlog, allowHalfOpen, noDelay, onError, context } = options;
  check('host', 'a string', host, isString);
  check('port', 'a whole number from 0 to 65535', port, (value) => isWhole(value, 0, 65535));
  check('path', 'the path of a Unix socket', path, (value) => isString(value) && value !== '');
  if (path !== undefined && (host !== undefined || port !== undefined)) {
    throw new MultiprocessError('ERR_MP_INVALID_ARG', 'a server listens on a path, or on host and port: not on both');
  }
  check('backlog', 'a positive whole number', backlog, (value) => isWhole(value, 1));
  check('allowHalfOpen', 'a boolean', allowHalfOpen, isBoolean);
  check('noDelay', 'a boolean', noDelay, isBoolean);
  check('onError', 'a function', onError, isFunction);
  check('context', "a context, as of getContext('spawn')", context, isContext);
  check(own, 'a positive whole number', options[own], (value) => isWhole(value, 1));
}

export function checkClose(options: Partial<Record<string, unknown>>): number {
  checkNames(options, ['timeout']);
  const { timeout } = options;
  check('timeout', 'a number of ms', timeout, (value) => typeof value === 'number' && !Number.isNaN(value));
  return Math.max(0, (timeout as number | undefined) ?? Number.POSITIVE_INFINITY);
}

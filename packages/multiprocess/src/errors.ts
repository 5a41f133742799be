/**
 * Every error of the library: one table of codes. A code is never re-used; docs/errors.md explains each, and a test
 * compares the two.
 */
export const CODES = {
  ERR_MP_ACCESS: 'the operating system denies access to a segment',
  ERR_MP_ADDRESS: 'nobody can be reached at an address, or it cannot be listened at',
  ERR_MP_ALREADY_STARTED: 'a process or zygote was started twice',
  ERR_MP_AUTH: 'the other end of a connection could not prove that it knows the key, or did not accept our proof',
  ERR_MP_BAD_HANDLE: 'a shared-memory handle is stale, foreign or of another kind',
  ERR_MP_BOOTSTRAPPING: 'a process was started while the current one was still loading its own code',
  ERR_MP_BROKEN_BARRIER:
    'a barrier is broken: a party timed out, was cancelled, died or aborted it, or its action failed',
  ERR_MP_BROKEN_POOL: 'a pool cannot go on: its initializer failed, or no worker can be started',
  ERR_MP_CANCELLED: 'the wait or the work was cancelled: by its AbortSignal, or because its pool was terminated',
  ERR_MP_CAPTURE: 'a function or value cannot be sent to another process',
  ERR_MP_CLOSED: 'a process, pool, queue, connection or segment was used after it was closed',
  ERR_MP_DAEMON_CHILDREN: 'a daemonic process tried to start a child',
  ERR_MP_DEADLOCK:
    'a wait for a lock would never end: its owner waits, perhaps through others, for a lock of the waiter',
  ERR_MP_EOF: 'the other end of a connection was closed, and everything it sent has been received',
  ERR_MP_EXISTS: 'a segment of this name exists already',
  ERR_MP_INVALID_ARG: 'an argument or option has the wrong type or range, or is unknown',
  ERR_MP_INVALID_STATE: 'a future was given an outcome, or begun, when it could not be',
  ERR_MP_MESSAGE_TOO_LONG: 'a message is longer than its receiver, or its format, allows',
  ERR_MP_NO_MEMORY: 'the realm, or the machine, has no room for an allocation',
  ERR_MP_NOT_CHILD: 'a process object was used in a process that did not start it',
  ERR_MP_NOT_FOUND: 'there is no segment of this name',
  ERR_MP_NOT_OWNER: 'a lock was released, or a condition used, by a thread that does not hold it',
  ERR_MP_NOT_STARTED: 'a process was joined or signalled before it was started',
  ERR_MP_PEER_GONE: 'the other end of a connection, or everybody else who had a queue, is gone',
  ERR_MP_PLATFORM: 'this operating system, processor or Node.js version is not supported',
  ERR_MP_POOL_CLOSED: 'work was given to a pool that is closed',
  ERR_MP_POOL_RUNNING: 'a pool was joined before it was closed',
  ERR_MP_PRELOAD: 'a module named in setForkserverPreload could not be loaded',
  ERR_MP_QUEUE_EMPTY: 'a queue stayed empty, and the wait was over',
  ERR_MP_QUEUE_FULL: 'a queue stayed full, and the wait was over',
  ERR_MP_QUEUE_SHUTDOWN: 'a queue has been shut down',
  ERR_MP_RELEASED_TOO_OFTEN: 'a semaphore or lock was released more often than it was acquired',
  ERR_MP_REMOTE: 'an error of another process could not be rebuilt here',
  ERR_MP_START_FAILED: 'the operating system refused to create a process',
  ERR_MP_STILL_RUNNING: 'a process was closed while it was running',
  ERR_MP_TIMEOUT: 'a wait timed out',
  ERR_MP_UNSUPPORTED: 'the operation is not supported here',
  ERR_MP_WORKER_DIED: 'a pool worker ended before its task did',
} as const;

export type ErrorCode = keyof typeof CODES;

export interface MultiprocessErrorOptions {
  cause?: unknown;
}

/**
 * Base of every error that the library throws. Match on `code`, which is stable; messages may improve.
 *
 * @example
 * try { child.start() } catch (error) { if (error.code === 'ERR_MP_CAPTURE') … }
 */
export class MultiprocessError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: MultiprocessErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static {
    // On the prototype, as for built-in errors: an own `name` would show up in every printed error.
    MultiprocessError.prototype.name = 'MultiprocessError';
  }
}

/** Throws `ERR_MP_INVALID_ARG`: names the argument, says what is accepted and shows what it was. */
export function invalidArgument(name: string, accepted: string, value: unknown): MultiprocessError {
  return new MultiprocessError('ERR_MP_INVALID_ARG', `${name} must be ${accepted}, not ${describe(value)}`);
}

/** A value in a few words, for error messages. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return `function '${value.name || '(anonymous)'}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `an object of class ${value.constructor?.name ?? '(none)'}`;
}

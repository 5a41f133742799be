/**
 * What clients of this library and a manager say to each other: messages over a pipe in shared memory (same realm) or a socket, each an
 * array. Many calls may be under way at once; answers come in any order, and name the request by its number.
 *
 *     client → manager                                manager → client
 *     [call, id, object, method, args]            →   value, packed, error or proxy
 *     [create, id, type, args]                    →   proxy or error
 *     [ask, id, what, args]                       →   value or error
 *     [cancel, id]         gives up a call        →   its answer, if there was none yet
 *     [lease, object]      one more proxy here
 *     [drop, object]       one proxy less
 *     [keep, object]       a proxy is on its way to somebody else
 *                                                     [value, id, value]            plain data
 *                                                     [packed, id, bytes]           dumps() of anything else
 *                                                     [error, id, bytes]            dumpsError()
 *                                                     [proxy, id, object, type, methods?]   leased to the client already
 *
 * `args` are an array of plain data, or the bytes that dumps() makes of it. `methods` come with the first proxy of a type.
 * Messages travel in batches (batch.ts). Over a socket, the first message is Python's (python-protocol.ts), which calls HELLO.
 */

export const OP = { call: 0, create: 1, ask: 2, cancel: 3, lease: 4, drop: 5, keep: 6 } as const;
export const REPLY = { value: 0, packed: 1, error: 2, proxy: 3 } as const;

/** What a client of this library asks for, as the function of Python's protocol; Python's servers do not know it. */
export const HELLO = 'multiprocess.v1';

export type Args = readonly unknown[];
export type Request =
  | [typeof OP.call, id: number, object: string, method: string, args: Args | Uint8Array]
  | [typeof OP.create, id: number, type: string, args: Args | Uint8Array]
  | [typeof OP.ask, id: number, what: string, args: Args | Uint8Array]
  | [typeof OP.cancel, id: number]
  | [typeof OP.lease | typeof OP.drop | typeof OP.keep, object: string];
export type Reply =
  | [typeof REPLY.value, id: number, value: unknown]
  | [typeof REPLY.packed | typeof REPLY.error, id: number, bytes: Uint8Array]
  | [typeof REPLY.proxy, id: number, object: string, type: string, methods?: string[]];

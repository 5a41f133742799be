/**
 * Messages between a pool and one worker, each direction in a ring of its own. A header of 16 bytes, then what `transport`
 * made of a value:
 *
 * ```
 *   i32 kind | i32 job | f64 number | body
 * ```
 *
 * | to the worker | job | number           | body                                       |
 * |---------------|-----|------------------|--------------------------------------------|
 * | Call          |     |                  | [function, arguments]                      |
 * | Program       | id  | 1: starmap       | [function, further arguments]              |
 * | Items         | yes | how many         | an array of inputs                         |
 * | Forget        | yes |                  |                                            |
 * | Resume        |     |                  | after a revocation: what follows is to run |
 * | Stop          |     |                  |                                            |
 *
 * | from the worker | number              | body                                                     |
 * |-----------------|---------------------|----------------------------------------------------------|
 * | Ready           |                     | the initializer has run                                  |
 * | InitFailed      |                     | what the initializer threw                               |
 * | Result          | ms that it has taken| the value                                                |
 * | Failure         | ms that it has taken| what the task threw                                      |
 * | Undecodable     |                     | why a task could not be read; it has not run             |
 * | Resumed         |                     | Resume has been read                                     |
 * | Progress        | fraction            | a detail, of the task that runs; no answer               |
 * | Retire          | bytes in use        | it has grown too large: it is to be replaced             |
 *
 * Answers come in the order of the tasks, one each, so they need no numbers: the pool knows which task is the oldest.
 */
import { decodeFrom, decodeOwned } from '../transport/index.ts';

export const Kind = {
  Call: 1,
  Program: 2,
  Items: 3,
  Forget: 4,
  Resume: 5,
  Stop: 6,
  Ready: 7,
  InitFailed: 8,
  Result: 9,
  Failure: 10,
  Undecodable: 11,
  Resumed: 12,
  Progress: 13,
  Retire: 14,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

const HEADER_SIZE = 16;

export interface Message {
  kind: Kind;
  job: number;
  number: number;
  /** Bytes of the body. */
  size: number;
  /** What the body holds, if that is plain data and no error. */
  plain: { value: any } | undefined;
  /** Without `plain`: the body. */
  body: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const header = new ArrayBuffer(HEADER_SIZE);
const headerBytes = new Uint8Array(header);
const headerInts = new Int32Array(header);
const headerFloats = new Float64Array(header);

/** The header of a message; valid until the next call. */
export function head(kind: Kind, job = 0, number = 0): Uint8Array {
  headerInts[0] = kind;
  headerInts[1] = job;
  headerFloats[1] = number;
  return headerBytes;
}

/** Takes a message apart that lies in `data[start, end)`; keeps nothing of it unless `isOwn`. */
export function parse(data: Uint8Array, start: number, end: number, isOwn: boolean): Message {
  for (let i = 0; i < HEADER_SIZE; i++) headerBytes[i] = data[start + i]!; // quicker than any call
  const kind = headerInts[0] as Kind;
  const job = headerInts[1]!;
  const number = headerFloats[1]!;
  const from = start + HEADER_SIZE;
  const plain = kind === Kind.Result || kind === Kind.Items ? tryDecode(data, from, end, isOwn) : undefined;
  const body = plain ? NOTHING : isOwn ? data.subarray(from, end) : data.slice(from, end);
  return { kind, job, number, size: end - from, plain, body };
}

function tryDecode(data: Uint8Array, start: number, end: number, isOwn: boolean): { value: any } | undefined {
  try {
    return isOwn ? decodeOwned(data.subarray(start, end)) : decodeFrom(data, start, end);
  } catch {
    return undefined; // who reads the body says what is wrong with it
  }
}

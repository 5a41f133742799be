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
  body: Uint8Array;
}

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

/** Takes a message apart. */
export function parse(message: Uint8Array): Message {
  for (let i = 0; i < HEADER_SIZE; i++) headerBytes[i] = message[i]!; // quicker than any call
  const [kind, job] = headerInts;
  return { kind: kind as Kind, job: job!, number: headerFloats[1]!, body: message.subarray(HEADER_SIZE) };
}

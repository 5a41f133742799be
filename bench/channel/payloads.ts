/** What is sent. Each message carries its number, so that receivers look at what they got, and can tell what is missing. */

export interface Payload {
  /** The `i`th message. Buffers are used again for the next one: senders copy. */
  make(i: number): unknown;
  /** The number that a message carries; throws when it is damaged. */
  read(message: any): number;
  /** Numbers begin again after so many. */
  modulo: number;
  /** Of a buffer. */
  bytes?: number;
}

export type PayloadName = 'number' | 'object' | '1 KB' | '64 KB' | '10 MB';

export function payload(name: PayloadName): Payload {
  if (name === 'number') return { make: (i) => i, read: (message) => message, modulo: Number.MAX_SAFE_INTEGER };
  if (name === 'object') {
    const make = (i: number) => ({
      a: i,
      b: 2,
      c: 'three',
      d: true,
      e: null,
      f: 1.5,
      g: 'seven',
      h: 8,
      i: 'nine',
      j: 10,
    });
    const read = (message: ReturnType<typeof make>) => {
      if (message.c !== 'three' || message.j !== 10) throw new Error('damaged object');
      return message.a;
    };
    return { make, read, modulo: Number.MAX_SAFE_INTEGER };
  }
  return buffers({ '1 KB': 1024, '64 KB': 65536, '10 MB': 10 * 2 ** 20 }[name]);
}

/** First byte: the number; last byte: its complement. */
function buffers(bytes: number): Payload {
  const buffer = new Uint8Array(bytes).fill(1);
  const make = (i: number) => {
    buffer[0] = i;
    buffer[bytes - 1] = ~i;
    return buffer;
  };
  const read = (message: Uint8Array) => {
    if (message.length !== bytes || message[0] !== 255 - message[bytes - 1]!) throw new Error('damaged buffer');
    return message[0]!;
  };
  return { make, read, modulo: 256, bytes };
}

/** Counts what one receiver gets. Of a single sender, each message must be the one after the last. */
export class Tally {
  readonly #payload: Payload;
  readonly #ordered: boolean;
  count = 0;
  sum = 0;

  constructor(name: PayloadName, ordered: boolean) {
    this.#payload = payload(name);
    this.#ordered = ordered;
  }

  add(message: unknown): void {
    const number = this.#payload.read(message);
    if (this.#ordered && number !== this.count % this.#payload.modulo) throw new Error(`out of order: ${number}`);
    this.count++;
    this.sum += number;
  }
}

/** What the numbers of the first `count` messages add up to. */
export function sumOf(name: PayloadName, count: number): number {
  const { modulo } = payload(name);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += i % modulo;
  return sum;
}

import { decode } from './decode.ts';
import { encode } from './encode.ts';
import type { Globals } from './globals.ts';

export type { Globals, Make, PythonClass } from './globals.ts';
export { type Float, float, PythonCall, type Tuple, tuple } from './markers.ts';

/** Plain data as pickles: writes protocol 4, reads 2 to 5. */
export class Pickle {
  readonly #globals: Globals | undefined;

  /** `globals`: what may be received beside plain data. */
  constructor(globals?: Globals) {
    this.#globals = globals;
  }

  encode(value: unknown): Uint8Array {
    return encode(value);
  }

  decode(message: Uint8Array): unknown {
    return decode(message, this.#globals);
  }
}

/** Writes plain data as a pickle of protocol 4, which every Python since 3.4 reads. */
import { describe, MultiprocessError } from '../../errors.ts';
import { bytesOfInteger } from './integers.ts';
import { Float, PythonCall, Tuple } from './markers.ts';
import { OP } from './opcodes.ts';
import { Output } from './output.ts';
import { encodeSurrogates } from './text.ts';

const HEADER = 11; // PROTO 4, FRAME length
/** Python writes no frame around less. */
const MIN_FRAME = 4;

/**
 * The pickle of a value. Throws `ERR_MP_CAPTURE`, with the path to it, for what is not plain data.
 *
 * No recursion: how deep values are nested does not matter.
 */
export function encode(value: unknown): Uint8Array {
  const out = new Output();
  for (const byte of [OP.PROTO, 4, OP.FRAME]) out.byte(byte);
  out.uint64(0);
  new Writer(out).write(value);
  out.byte(OP.STOP);
  const size = out.length - HEADER;
  if (size >= MIN_FRAME) {
    out.patchUint64(3, size);
    return out.result();
  }
  return Buffer.concat([Uint8Array.of(OP.PROTO, 4), out.result(HEADER)]);
}

/** A container whose items are being written. */
interface Open {
  items: Iterator<readonly [key: unknown, value: unknown]>;
  /** A dict: keys are written, too. */
  hasKeys: boolean;
  /** Where it is now, for error messages. */
  at: unknown;
  /** A value whose key has been written. */
  pending: [value: unknown] | undefined;
  close(): void;
}

class Writer {
  readonly #out: Output;
  readonly #memo = new Map<unknown, number>();
  readonly #open: Open[] = [];

  constructor(out: Output) {
    this.#out = out;
  }

  write(value: unknown): void {
    this.#one(value);
    for (let open = this.#open.at(-1); open; open = this.#open.at(-1)) this.#go(open);
  }

  /** Writes the next part of what is open. */
  #go(open: Open): void {
    if (open.pending) {
      const [value] = open.pending;
      open.pending = undefined;
      this.#one(value);
      return;
    }
    const { done, value } = open.items.next();
    if (done) {
      this.#open.pop();
      open.close();
      return;
    }
    open.at = value[0];
    if (open.hasKeys) open.pending = [value[1]];
    this.#one(open.hasKeys ? value[0] : value[1]);
  }

  #one(value: unknown): void {
    if (value === undefined || value === null) this.#out.byte(OP.NONE);
    else if (typeof value === 'boolean') this.#out.byte(value ? OP.NEWTRUE : OP.NEWFALSE);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#bigInteger(value);
    else if (this.#known(value)) return;
    else if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'object') this.#object(value);
    else throw this.#refusal(value);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value);
    else this.#float(value);
  }

  #integer(value: number): void {
    const out = this.#out;
    if (value >= 0 && value <= 0xff) {
      out.byte(OP.BININT1);
      out.byte(value);
    } else if (value >= 0 && value <= 0xffff) {
      out.byte(OP.BININT2);
      out.uint16(value);
    } else if (value === (value | 0)) {
      out.byte(OP.BININT);
      out.int32(value);
    } else this.#bigInteger(BigInt(value));
  }

  #bigInteger(value: bigint): void {
    const bytes = bytesOfInteger(value);
    this.#sized(OP.LONG1, OP.LONG4, undefined, bytes.length);
    this.#out.bytes(bytes);
  }

  #float(value: number): void {
    this.#out.byte(OP.BINFLOAT);
    this.#out.doubleBE(value);
  }

  #text(value: string): void {
    if (value.isWellFormed()) {
      const size = Buffer.byteLength(value);
      this.#sized(OP.SHORT_BINUNICODE, OP.BINUNICODE, OP.BINUNICODE8, size);
      this.#out.utf8(value, size);
    } else {
      const bytes = encodeSurrogates(value);
      this.#sized(OP.SHORT_BINUNICODE, OP.BINUNICODE, OP.BINUNICODE8, bytes.length);
      this.#out.bytes(bytes);
    }
    this.#memoize(value);
  }

  #object(value: object): void {
    const out = this.#out;
    if (Array.isArray(value)) {
      this.#begin(value, OP.EMPTY_LIST, value.entries(), OP.APPENDS);
    } else if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
      const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
      this.#sized(OP.SHORT_BINBYTES, OP.BINBYTES, OP.BINBYTES8, bytes.length);
      out.bytes(bytes);
      this.#memoize(value);
    } else if (value instanceof Map) {
      this.#begin(value, OP.EMPTY_DICT, value.entries(), OP.SETITEMS, true);
    } else if (value instanceof Set) {
      this.#begin(value, OP.EMPTY_SET, value.entries(), OP.ADDITEMS);
    } else if (value instanceof Tuple) this.#tuple(value);
    else if (value instanceof PythonCall) this.#call(value);
    else if (value instanceof Float) this.#float(value.value);
    else if (isPlain(value)) {
      this.#begin(value, OP.EMPTY_DICT, Object.entries(value).values(), OP.SETITEMS, true);
    } else throw this.#refusal(value);
  }

  #begin(value: object, create: number, items: Open['items'], fill: number, hasKeys = false): void {
    this.#out.byte(create);
    this.#memoize(value);
    this.#out.byte(OP.MARK);
    this.#open.push({ items, hasKeys, at: undefined, pending: undefined, close: () => this.#out.byte(fill) });
  }

  #tuple(value: Tuple): void {
    if (value.items.length === 0) {
      this.#out.byte(OP.EMPTY_TUPLE);
      return;
    }
    this.#out.byte(OP.MARK);
    const close = () => {
      // A tuple exists once its items do. One that contains itself, through a list, has been written meanwhile.
      if (this.#memo.has(value)) {
        this.#out.byte(OP.POP_MARK);
        this.#known(value);
      } else {
        this.#out.byte(OP.TUPLE);
        this.#memoize(value);
      }
    };
    this.#open.push({ items: value.items.entries(), hasKeys: false, at: undefined, pending: undefined, close });
  }

  #call({ module, name, args }: PythonCall): void {
    for (const text of [module, name]) if (!this.#known(text)) this.#text(text);
    this.#out.byte(OP.STACK_GLOBAL);
    const close = () => this.#out.byte(OP.REDUCE);
    this.#open.push({ items: [args].entries(), hasKeys: false, at: undefined, pending: undefined, close });
  }

  /** The operation for a length of one, four or eight bytes, and the length. */
  #sized(short: number, medium: number, long: number | undefined, length: number): void {
    const out = this.#out;
    if (length <= 0xff) {
      out.byte(short);
      out.byte(length);
    } else if (length <= 0xffffffff || long === undefined) {
      out.byte(medium);
      out.uint32(length);
    } else {
      out.byte(long);
      out.uint64(length);
    }
  }

  #memoize(value: unknown): void {
    this.#out.byte(OP.MEMOIZE);
    this.#memo.set(value, this.#memo.size);
  }

  /** Whether it has been written before, and is only named again. */
  #known(value: unknown): boolean {
    const index = this.#memo.get(value);
    if (index === undefined) return false;
    if (index <= 0xff) {
      this.#out.byte(OP.BINGET);
      this.#out.byte(index);
    } else {
      this.#out.byte(OP.LONG_BINGET);
      this.#out.uint32(index);
    }
    return true;
  }

  #refusal(value: unknown): MultiprocessError {
    const path = this.#open.slice(0, 20).map(({ at }) => (typeof at === 'string' ? `.${at}` : `[${describe(at)}]`));
    const where = `value${path.join('')}${this.#open.length > 20 ? '…' : ''}`;
    return new MultiprocessError('ERR_MP_CAPTURE', `cannot send ${where}, ${describe(value)}: only plain data`);
  }
}

/** An object literal, of whatever realm, or one without a prototype. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}

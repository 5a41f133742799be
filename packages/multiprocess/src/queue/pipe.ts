/** Pipe: two connected ends in shared memory. CPython: multiprocessing.Pipe. */
import { Connection, endReached, handleClosed, peerGone, timedOut, tooLong } from '../channel/index.ts';
import { invalidArgument, type MultiprocessError } from '../errors.ts';
import { type PackedCell, packCell, type SentReference, SharedCell, unpackCell } from '../memory/index.ts';
import { checkNames } from '../options.ts';
import { printsAsString, type Urge, waitAsync, waitSync } from '../sync/internal.ts';
import type { WaitOptions } from '../timeout.ts';
import { loadsSync, registerHandle, registerKnown } from '../transport/index.ts';
import { End } from './end.ts';
import { END_SIZE, Kind, QUEUE_SIZE } from './layout.ts';
import { Line } from './line.ts';
import {
  discard,
  dropReferences,
  encodeBytes,
  type Incoming,
  type Luggage,
  NO_LUGGAGE,
  type Outgoing,
  outgoing,
  ownBytes,
} from './message.ts';
import { Uses } from './uses.ts';
import { rebuild } from './value.ts';

/** So many bytes may wait in each direction; then `send` waits. A larger message may be sent when nothing else is there. */
const MAX_BYTES = 64 * 2 ** 20;
const LIMITS = { maxSize: 0, maxBytes: MAX_BYTES, options: 0 };

interface Cells {
  end: SharedCell;
  incoming: SharedCell | undefined;
  outgoing: SharedCell | undefined;
}

/**
 * Two connected ends. What is sent at one is received at the other, each message whole and in order, also when several
 * processes send or receive at one end. Ends travel to other processes like any other value.
 *
 * An end is gone when everybody who had it has closed it or ended; the other one then receives what is left, and
 * `ERR_MP_EOF`.
 *
 * @param options `duplex: false`: the first end can only receive, the second only send. @default true
 *
 * @example
 * const [here, there] = Pipe();
 * new Process({ target: () => there.sendSync(there.recvSync().toUpperCase()) }).start();
 * await here.send('hello');
 * console.log(await here.recv()); // HELLO
 */
export function Pipe<S = any, R = S>(
  options: boolean | { duplex?: boolean } = {},
): [PipeConnection<S, R>, PipeConnection<R, S>] {
  const duplex = checkDuplex(options);
  const ends = [0, 1].map(() => SharedCell.create(END_SIZE, Kind.End)) as [SharedCell, SharedCell];
  End.join(new End(ends[0]), new End(ends[1]));
  const forth = duplex ? SharedCell.create(QUEUE_SIZE, Kind.Line) : undefined;
  const back = SharedCell.create(QUEUE_SIZE, Kind.Line);
  const first = new PipeConnection<S, R>({ end: ends[0], incoming: back, outgoing: forth }, true);
  // Lines are made once; each end needs references of its own.
  const mine = (cell: SharedCell | undefined) => cell && SharedCell.open(cell.handle, Kind.Line);
  return [first, new PipeConnection<R, S>({ end: ends[1], incoming: mine(forth), outgoing: mine(back) }, false)];
}

/** One end of a pipe. See {@link Pipe}. */
export class PipeConnection<S = any, R = S> extends Connection<S, R> {
  readonly #cells: Cells;
  readonly #end: End;
  readonly #incoming: Line | undefined;
  readonly #outgoing: Line | undefined;
  readonly #references = new WeakMap<Uint8Array, readonly SentReference[]>();
  readonly #luggage = new WeakMap<Uint8Array, Luggage>();
  readonly #uses = new Uses();

  /** @internal Use `Pipe()`. */
  constructor(cells: Cells, isNew: boolean) {
    super({ readable: cells.incoming !== undefined, writable: cells.outgoing !== undefined });
    this.#cells = cells;
    this.#end = new End(cells.end);
    const limits = isNew ? LIMITS : undefined;
    if (cells.incoming)
      this.#incoming = new Line(cells.incoming, limits, (urge, blocking) => this.#hopeless(endReached, urge, blocking));
    if (cells.outgoing)
      this.#outgoing = new Line(cells.outgoing, limits, (urge, blocking) => this.#hopeless(peerGone, urge, blocking));
  }

  isReady(): boolean {
    return this.closed || !this.#incoming!.isEmpty || this.#end.isPeerSilent({ polling: true, limited: true }, false);
  }

  onceReady(callback: () => void): () => void {
    const controller = new AbortController();
    this.awaitReady({ signal: controller.signal }).then(callback, () => {});
    return () => controller.abort();
  }

  /** As Python prints it, or nearly: `<Connection open>`. */
  override toString(): string {
    return `<Connection ${this.closed ? 'closed' : 'open'}>`;
  }

  protected encode(value: S): Uint8Array {
    const { bytes, luggage } = encodeBytes(value, this.#outgoing!.store.owner);
    if (luggage !== NO_LUGGAGE) this.#luggage.set(bytes, luggage);
    return bytes;
  }

  protected decode(bytes: Uint8Array): R | Promise<R> {
    return rebuild<R>(bytes, () => this.#drop(bytes));
  }

  protected decodeSync(bytes: Uint8Array): R {
    try {
      return loadsSync(bytes, true);
    } finally {
      this.#drop(bytes);
    }
  }

  protected async write(bytes: Uint8Array, options: WaitOptions): Promise<void> {
    const line = this.#outgoing!;
    const message = this.#toSend(bytes);
    if (!line.tryPutInTurn(message) && !(await this.#uses.during(line.put(message, options))))
      throw timedOut('sending');
  }

  protected writeSync(bytes: Uint8Array, timeout: number | undefined): void {
    const line = this.#outgoing!;
    const message = this.#toSend(bytes);
    if (!line.tryPut(message) && !line.putSync(message, timeout)) throw timedOut('sending');
  }

  protected async read(maxLength: number | undefined, options: WaitOptions): Promise<Uint8Array> {
    const line = this.#incoming!;
    const message = line.tryGetInTurn() ?? (await this.#uses.during(line.get(options)));
    return this.#received(message, maxLength);
  }

  protected readSync(maxLength: number | undefined, timeout: number | undefined): Uint8Array {
    const line = this.#incoming!;
    const message = line.tryGet() ?? (line.spin() ? line.tryGet() : undefined) ?? line.getSync(timeout);
    return this.#received(message, maxLength);
  }

  protected async awaitReady(options: WaitOptions): Promise<boolean> {
    if (this.isReady()) return true;
    const { getters } = this.#incoming!;
    return (
      (await this.#uses.during(
        waitAsync(
          getters.watching(() => this.isReady()),
          options,
        ),
      )) === true
    );
  }

  protected awaitReadySync(timeout: number | undefined): boolean {
    return (
      this.isReady() ||
      waitSync(
        this.#incoming!.getters.watching(() => this.isReady()),
        timeout,
      ) === true
    );
  }

  protected shut(): void {
    const { end } = this.#cells;
    const lines = [this.#incoming, this.#outgoing];
    end[Symbol.dispose]();
    // Who waits here, and at the other end if this one is gone now, finds out for itself.
    for (const line of lines) {
      line?.getters.callAll();
      line?.putters.callAll();
    }
    this.#uses.end(() => {
      this.#cells.incoming?.[Symbol.dispose]();
      this.#cells.outgoing?.[Symbol.dispose]();
    });
  }

  /** @internal */
  pack(): (PackedCell | undefined)[] {
    if (this.closed) throw handleClosed();
    const { end, incoming, outgoing } = this.#cells;
    const packed = packCell(end);
    if (packed[2] !== 0) this.#end.markShared(); // otherwise once it has arrived
    return [packed, incoming && packCell(incoming), outgoing && packCell(outgoing)];
  }

  /** @internal */
  static arrived(cells: Cells): PipeConnection {
    const connection = new PipeConnection(cells, false);
    connection.#end.markShared();
    return connection;
  }

  #toSend(bytes: Uint8Array): Outgoing {
    const message = outgoing([bytes], this.#outgoing!.store.owner, this.#luggage.get(bytes));
    this.#luggage.delete(bytes);
    if (!this.#end.isPeerGone) return message;
    discard(message);
    throw peerGone();
  }

  #received(message: Incoming | undefined, maxLength: number | undefined): Uint8Array {
    if (message === undefined) throw timedOut('receiving');
    if (maxLength !== undefined && message.size > maxLength) {
      dropReferences(message.references);
      this.stopReading();
      throw tooLong(message.size, `maxLength is ${maxLength}`);
    }
    const bytes = ownBytes(message);
    if (message.references.length > 0) this.#references.set(bytes, message.references);
    return bytes;
  }

  #drop(bytes: Uint8Array): void {
    dropReferences(this.#references.get(bytes) ?? []);
    this.#references.delete(bytes);
  }

  #hopeless(error: () => MultiprocessError, urge: Urge, blocking: boolean): MultiprocessError | undefined {
    if (this.closed) return handleClosed();
    if (!this.#end.isPeerSilent(urge, blocking)) return undefined;
    return error();
  }
}

function checkDuplex(options: boolean | { duplex?: boolean }): boolean {
  if (typeof options === 'boolean') return options;
  checkNames(options, ['duplex']);
  const { duplex = true } = options;
  if (typeof duplex !== 'boolean') throw invalidArgument('duplex', 'true or false', duplex);
  return duplex;
}

printsAsString(PipeConnection);
registerHandle<PipeConnection, (PackedCell | undefined)[]>(PipeConnection, {
  tag: 'PipeConnection',
  pack: (connection) => connection.pack(),
  unpack([end, incoming, outgoing]) {
    const line = (packed: PackedCell | undefined) => packed && unpackCell(packed, Kind.Line);
    const cells = { end: unpackCell(end!, Kind.End), incoming: line(incoming), outgoing: line(outgoing) };
    return PipeConnection.arrived(cells);
  },
});
registerKnown('PipeConnection', PipeConnection);
registerKnown('Pipe', Pipe);

/** On whose behalf the manager is working right now: who takes a lock, and whose wait ends with its client. */
import { MultiprocessError } from '../errors.ts';

/** Something that a client can hold, and that is given back when it dies. */
export interface Holdable {
  abandon(holder: Holder): void;
}

/** A client, as the owner of locks: a thread of some process, or the manager itself. */
export class Holder {
  readonly name: string;
  readonly held = new Set<Holdable>();
  readonly #waits = new Map<Call, (error: MultiprocessError) => void>();
  #gone = false;

  constructor(name: string) {
    this.name = name;
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /** Ends the wait of a call, if it is in one; whether it was. */
  cancel(call: Call, error = new MultiprocessError('ERR_MP_CANCELLED', 'the wait was cancelled')): boolean {
    const leave = this.#waits.get(call);
    leave?.(error);
    return leave !== undefined;
  }

  /** `leave` ends a wait of `call`; to be taken back by the returned function when the wait is over. */
  waiting(call: Call, leave: (error: MultiprocessError) => void): () => void {
    this.#waits.set(call, leave);
    return () => void this.#waits.delete(call);
  }

  /** The client is gone: its waits end, and what it held goes to others. */
  end(): void {
    this.#gone = true;
    const error = new MultiprocessError('ERR_MP_PEER_GONE', `${this.name} is gone`);
    for (const leave of [...this.#waits.values()]) leave(error);
    for (const thing of [...this.held]) thing.abandon(this);
  }
}

/** One request of a client. */
export interface Call {
  readonly holder: Holder;
}

let current: Call = { holder: new Holder('the manager') };

/** To be asked before the first await: later it may be somebody else. */
export const currentCall = (): Call => current;

export function duringCall<T>(call: Call, body: () => T): T {
  const before = current;
  current = call;
  try {
    return body();
  } finally {
    current = before;
  }
}

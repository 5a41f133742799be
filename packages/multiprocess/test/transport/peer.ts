import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { dumps, entryUrl, KnownTemplates, loads, loadsError } from '../../src/transport/index.ts';

type Reply = { id: number; ok: boolean; bytes: Uint8Array };

/** Another process that runs functions. */
export class Peer {
  readonly process: ChildProcess;
  readonly #known = new KnownTemplates();
  readonly #waiting = new Map<number, (reply: Reply | Error) => void>();
  #next = 0;
  sent = 0;

  constructor(options: ForkOptions = {}) {
    const execArgv = process.execArgv.filter((flag) => !/^--(inspect|test|eval|input-type)/.test(flag));
    this.process = fork(new URL('./fixtures/peer.ts', import.meta.url), [], {
      serialization: 'advanced',
      execArgv,
      ...options,
    });
    this.process.send({ entry: entryUrl() });
    this.process.on('message', (reply: Reply) => {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    this.process.on('exit', (code, signal) => {
      for (const settle of this.#waiting.values()) settle(new Error(`the peer ended: ${code ?? signal}`));
    });
  }

  /** Throws synchronously when something cannot be sent. */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    const bytes = dumps([fn, args], { root: 'task', known: this.#known });
    return this.runBytes(bytes) as Promise<Awaited<R>>;
  }

  async runBytes(bytes: Uint8Array): Promise<unknown> {
    const id = this.#next++;
    const reply = await new Promise<Reply | Error>((resolve) => {
      this.#waiting.set(id, resolve);
      this.process.send({ id, bytes });
      this.sent++;
    });
    if (reply instanceof Error) throw reply;
    if (!reply.ok) throw await loadsError(reply.bytes);
    return loads(reply.bytes);
  }

  close(): void {
    if (this.process.connected) this.process.disconnect();
  }
}

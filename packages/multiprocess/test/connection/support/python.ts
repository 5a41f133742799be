/** Real CPythons: the other end of what is compatible with them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Address } from 'multiprocess/connection';

export interface Python {
  path: string;
  version: string;
  /** Python 3.11 and older proves its knowledge of the key by HMAC-MD5 only. */
  isOld: boolean;
}

function find(): Python[] {
  const binaries = ['/usr/bin/python3', 'python3', ...globSync(`${os.homedir()}/.pyenv/versions/3.*/bin/python3`)];
  const found = new Map<string, Python>();
  for (const binary of binaries) {
    const program = 'import multiprocessing.connection, sys; print(*sys.version_info[:2])';
    const { status, stdout } = spawnSync(binary, ['-c', program], { encoding: 'utf8' });
    const [major, minor] = status === 0 ? stdout.trim().split(' ').map(Number) : [];
    if (major !== 3 || minor! < 8) continue;
    const version = `${major}.${minor}`;
    if (!found.has(version)) found.set(version, { path: binary, version, isOld: minor! < 12 });
  }
  return [...found.values()].sort((a, b) => Number(a.version.slice(2)) - Number(b.version.slice(2)));
}

/** One of every version that is on this machine, the oldest first. */
export const pythons = find();

/** For `test(title, { skip })`. */
export const skip = pythons.length > 0 ? false : 'no python3 on this machine';
if (skip) console.log(`# skipped: ${skip}`);

/** The one that most tests use. */
export const python = pythons.at(-1)!;

const PRELUDE = `
import json, sys
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
arg = json.loads(sys.argv[1])

def address(a): return tuple(a) if isinstance(a, list) else a
def say(x): print(json.dumps(x), flush=True)
`;

/** A Python program that runs; `arg` is its variable of that name, and every `say(x)` can be heard. */
export class Peer {
  readonly process: ChildProcess;
  readonly #said: unknown[] = [];
  readonly #ended: Promise<unknown>;
  #stderr = '';
  #hear: (() => void) | undefined;
  #isOver = false;

  constructor(program: string, arg: unknown = null, peer = python) {
    // A Python that is killed does not remove its sockets.
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mp-test-'));
    this.process = spawn(peer.path, ['-c', PRELUDE + program, JSON.stringify(arg)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder },
    });
    let text = '';
    this.process.stdout!.setEncoding('utf8').on('data', (part: string) => {
      const lines = (text + part).split('\n');
      text = lines.pop()!;
      this.#said.push(...lines.map((line) => JSON.parse(line)));
      this.#hear?.();
    });
    this.process.stderr!.setEncoding('utf8').on('data', (part: string) => {
      this.#stderr += part;
    });
    this.#ended = once(this.process, 'close').then(() => {
      rmSync(folder, { recursive: true });
      this.#isOver = true;
      this.#hear?.();
    });
  }

  /** What it says next. */
  async hear<T = any>(): Promise<T> {
    while (this.#said.length === 0) {
      if (this.#isOver) throw new Error(`Python ended without saying it: ${this.#stderr}`);
      await new Promise<void>((resolve) => {
        this.#hear = resolve;
      });
    }
    return this.#said.shift() as T;
  }

  /** Everything that was not heard, when it has ended well. */
  async end(): Promise<unknown[]> {
    this.process.stdin!.end();
    await this.#ended;
    if (this.process.exitCode !== 0) throw new Error(`Python ended with ${this.process.exitCode}: ${this.#stderr}`);
    return this.#said;
  }
}

/** A listener of Python's, which runs `serve` with the connection `c`. */
export async function pythonListener(
  serve: string,
  { family = 'AF_UNIX', key = null as string | null, peer = python } = {},
): Promise<{ address: Address; peer: Peer }> {
  const program = `
listener = Listener(family=arg['family'], authkey=arg['key'].encode() if arg['key'] is not None else None)
say(listener.address)
${serve}
listener.close()
`;
  const running = new Peer(program, { family, key }, peer);
  return { address: await running.hear<Address>(), peer: running };
}

export const KEY = 'correct horse';
export const ADDRESSES: [name: string, address: Address | undefined, family: string][] = [
  ['Unix socket', undefined, 'AF_UNIX'],
  ['TCP', ['localhost', 0], 'AF_INET'],
];

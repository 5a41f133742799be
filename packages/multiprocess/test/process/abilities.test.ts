/** A child can do what any Node.js program can: point 1 of "Processes" in ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import inspector from 'node:inspector';
import nodeModule from 'node:module';
import os from 'node:os';
import util from 'node:util';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { Process } from 'multiprocess';
import { inChild, scratchFile } from './support/answer.ts';
import { onEachMethod } from './support/matrix.ts';

/** Each returns what the second element says. */
const ABILITIES: Record<string, [ability: () => unknown, expected: unknown]> = {
  'wait for timers': [() => new Promise((resolve) => setTimeout(resolve, 5, 'rang')), 'rang'],
  'read files by promise': [async () => (await fs.promises.readFile('/proc/self/comm', 'utf8')).length > 0, true],
  'look names up': [
    async () => (await import('node:dns/promises')).lookup('localhost').then((found) => found.family > 0),
    true,
  ],
  'derive keys on the thread pool': [
    async () => (await util.promisify(crypto.pbkdf2)('a', 'b', 1000, 8, 'sha256')).toString('hex'),
    crypto.pbkdf2Sync('a', 'b', 1000, 8, 'sha256').toString('hex'),
  ],
  'compress on the thread pool': [
    async () => zlib.gunzipSync(await util.promisify(zlib.gzip)(Buffer.alloc(1_000_000))).length,
    1_000_000,
  ],
  'start programs and wait for them': [
    async () => [
      childProcess.execFileSync('echo', ['hi']).toString(),
      await once(childProcess.spawn('sh', ['-c', 'exit 3']), 'exit'),
    ],
    ['hi\n', [3, null]],
  ],
  'fork Node and exchange messages': [
    async () => {
      const file = new URL('./fixtures/echo-message.cjs', import.meta.url);
      const echo = childProcess.fork(file);
      echo.send('yo');
      const [[answer], [code]] = await Promise.all([once(echo, 'message'), once(echo, 'exit')]);
      return [answer, code];
    },
    ['yo!', 0],
  ],
  'serve http and fetch from it': [
    async () => {
      const server = http.createServer((_, response) => response.end('hello'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const text = await (await fetch(`http://127.0.0.1:${port}`)).text();
      server.closeAllConnections();
      server.close();
      return text;
    },
    'hello',
  ],
  'run a worker thread to its end': [
    async () => {
      const worker = new Worker('require("worker_threads").parentPort.postMessage(42)', { eval: true });
      const [[message], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return [message, code];
    },
    [42, 0],
  ],
  'terminate a worker thread': [
    async () => {
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
      await once(worker, 'online');
      return worker.terminate();
    },
    1,
  ],
  'import a module': [async () => (await import('./fixtures/answer.mjs')).default, 42],
  'require a module': [() => nodeModule.createRequire(import.meta.url)('./fixtures/table.cjs').length, 3],
  'handle a signal': [
    async () => {
      const alive = setInterval(() => {}, 1000); // a handler does not keep the event loop alive
      const got = once(process, 'SIGHUP');
      process.kill(process.pid, 'SIGHUP');
      await got;
      clearInterval(alive);
      return got;
    },
    ['SIGHUP', os.constants.signals.SIGHUP],
  ],
  'collect garbage under load': [
    () => {
      let keep: unknown[] = [];
      for (let i = 0; i < 60; i++) {
        keep.push(Array.from({ length: 20_000 }, (_, k) => ({ k, s: `x${k}` })));
        if (keep.length > 20) keep = keep.slice(1);
      }
      return keep.length;
    },
    20,
  ],
  'compile hot code': [
    () => {
      const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));
      return fibonacci(27);
    },
    196_418,
  ],
  'compile WebAssembly': [
    async () => {
      const add = 'AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags=';
      const { WebAssembly } = globalThis as any;
      const module = await WebAssembly.compile(Buffer.from(add, 'base64'));
      const { exports } = await WebAssembly.instantiate(module);
      return exports.add(2, 3);
    },
    5,
  ],
  'time out an AbortSignal': [
    async () => {
      const signal = AbortSignal.timeout(5);
      // The signal's own timer does not keep the event loop alive.
      const alive = setInterval(() => {}, 1000);
      await once(signal, 'abort');
      clearInterval(alive);
      return signal.reason.name;
    },
    'TimeoutError',
  ],
  'evaluate in an inspector session': [
    async () => {
      const session = new inspector.Session();
      session.connect();
      const { result } = (await util.promisify((expression: string, done: (error: Error | null, value?: any) => void) =>
        session.post('Runtime.evaluate', { expression }, done),
      )('1+1')) as { result: { value: number } };
      session.disconnect();
      return result.value;
    },
    2,
  ],
  'allocate 200 MB': [() => Buffer.alloc(200_000_000, 1)[199_999_999], 1],
  'run code in another context': [() => vm.runInNewContext('[1, 2, 3].map((n) => n * 2).join()'), '2,4,6'],
  'survive a rejection that it handles late': [
    async () => {
      const seen = once(process, 'unhandledRejection');
      void Promise.reject(new Error('late'));
      return (await seen)[0].message;
    },
    'late',
  ],
};

for (const [ability, [run, expected]] of Object.entries(ABILITIES)) {
  onEachMethod(`a child can ${ability}`, async ({ method }) => {
    assert.deepEqual(await inChild(method, run), JSON.parse(JSON.stringify(expected)));
  });
}

onEachMethod('a child can start children, and they too', async ({ method }) => {
  const file = scratchFile('depth');
  const descend = async (depth: number) => {
    if (depth === 0) return fs.writeFileSync(file, 'bottom');
    const child = new Process({ target: descend, args: [depth - 1] });
    child.start();
    await child.join();
    if (child.exitCode !== 0) process.exitCode = 1;
  };
  await inChild(method, descend, [3]);
  assert.equal(fs.readFileSync(file, 'utf8'), 'bottom');
});

// A manager for other programs, here and on other machines: who knows the key gives it words, and it counts them.
//
//   node examples/manager-server.ts 5000 secret      and elsewhere: node examples/manager-client.ts 5000 secret hello
//
// A Python program can use it, too: BaseManager(address=('127.0.0.1', 5000), authkey=b'secret').
import { BaseManager } from 'multiprocess';

class Words {
  #counts = new Map<string, number>();

  count(word: string): number {
    const count = (this.#counts.get(word) ?? 0) + 1;
    this.#counts.set(word, count);
    return count;
  }
}

let words: Words | undefined; // one for all clients, made in the manager
const Counting = class Counting extends BaseManager {}.register('words', () => {
  words ??= new Words();
  return words;
});

const [port = '0', authKey = 'secret'] = process.argv.slice(2);
const manager = new Counting({ address: ['127.0.0.1', Number(port)], authKey });
await manager.start(); // in a process of its own, which ends with this one
console.log(`process ${manager.pid}: port ${(manager.address as [string, number])[1]}`);

const stop = setInterval(() => {}, 1 << 30); // stay until Ctrl-C
process.once('SIGINT', async () => {
  clearInterval(stop);
  const own = await manager.words();
  console.log(`"hello" was here ${(await own.count('hello')) - 1} times`);
  await manager.shutdown();
});

// Uses the manager of manager-server.ts, with the key that was agreed upon.
//
//   node examples/manager-client.ts 5000 secret hello world
import { BaseManager, type MultiprocessError, type Proxied } from 'multiprocess';

const [port, authKey, ...said] = process.argv.slice(2);

// The class is the server's; here its type is enough.
interface Words {
  count(word: string): number;
}

const Counting = class Counting extends BaseManager {}.register('words');
const manager = new Counting({ address: ['127.0.0.1', Number(port)], authKey });
try {
  await manager.connect();
} catch (error) {
  console.log(`not let in: ${(error as MultiprocessError).code}`);
  process.exit(1);
}

const words = (await manager.words()) as Proxied<Words>;
for (const word of said) console.log(`${word}: ${await words.count(word)}`);

/** Servers: how many short connections a second, and how long one takes. */
import { once } from 'node:events';
import net from 'node:net';
import { amount, rounds } from '../options.ts';
import { pythonVersion } from '../python.ts';
import { compare, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';
import { type Server, startServers } from './servers.ts';

const CONNECTIONS = 200;
const IN_FLIGHT = 8;

export async function run(): Promise<void> {
  if (!pythonVersion()) console.log('\nCPython is skipped: there is no python3 on the PATH');
  const servers = await startServers();
  try {
    for (const { port } of servers) await many(port, IN_FLIGHT, amount(CONNECTIONS)); // until the compilers are done
    await report(servers, 1, 'one connection after another');
    await report(servers, IN_FLIGHT, `${IN_FLIGHT} connections at any time`);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function report(servers: Server[], inFlight: number, title: string): Promise<void> {
  const rivals = servers.map(({ name, port }) => ({ name, measure: () => many(port, inFlight, amount(CONNECTIONS)) }));
  const results = await compare(rivals, rounds(7));
  printTable(
    `${title}: connect, one word there and back, close (medians)`,
    ['', 'ms per connection', 'lowest..highest', 'per second', 'vs CPython', 'vs node:cluster'],
    results.map((result) => [
      result.name,
      figure(result.median),
      `${figure(result.lowest)}..${figure(result.highest)}`,
      figure(1000 / result.median),
      ratio(results, 'CPython ForkingTCPServer', result),
      ratio(results, servers.find(({ name }) => name.startsWith('node:cluster'))!.name, result),
    ]),
  );
}

/** Milliseconds per connection. */
async function many(port: number, inFlight: number, count: number): Promise<number> {
  const begin = performance.now();
  let left = count;
  const keepGoing = async () => {
    while (left-- > 0) await one(port);
  };
  await Promise.all(Array.from({ length: inFlight }, keepGoing));
  return (performance.now() - begin) / count;
}

async function one(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write('hello');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer.toString() !== 'HELLO') throw new Error(`the server answered ${answer}`);
  socket.end();
  await once(socket, 'close');
}

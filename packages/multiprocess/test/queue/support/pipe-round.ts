/** A round with a pipe: one who sends, or one who receives, is killed; the other one gets the rest, and notices. */
import { Pipe } from 'multiprocess';
import { receive, send } from './hands.ts';
import type { Item } from './items.ts';
import { readLedger } from './ledger.ts';
import { delay, faults, type Given, haveStarted, PATIENCE, pick, pickWay } from './round.ts';
import { startWorker } from './worker.ts';

export async function pipeRound(given: Given): Promise<string[]> {
  const { ledger, random, totals } = given;
  const [near, far] = Pipe<Item, Item>({ duplex: random() < 0.5 });
  const way = () => {
    const picked = pickWay(given);
    return picked === 'thread' ? 'forkserver' : picked; // a thread's end is not told from the main thread's
  };
  const sendForm = pick(random, ['sync', 'promise']);
  const receiveForm = pick(random, ['sync', 'promise']);
  const sender = startWorker(`sender by ${sendForm}`, way(), 0, send, [far, ledger, 0, sendForm]);
  const receiver = startWorker(`receiver by ${receiveForm}`, way(), 1, receive, [near, ledger, receiveForm]);
  near.close();
  far.close();
  const wrong: string[] = [];
  if (!(await haveStarted(ledger, 2))) wrong.push('not everybody has started');
  await delay(random() * 10);
  const killsSender = random() < 0.6;
  const [victim, other] = killsSender ? [sender, receiver] : [receiver, sender];
  totals.kills++;
  await victim.kill();
  wrong.push(...[await other.end(PATIENCE)].filter((end) => end !== undefined));
  const { put, lost, doubled } = readLedger(ledger);
  totals.put += put;
  if (doubled > 0) wrong.push(`${doubled} messages were received twice`);
  if (killsSender && lost.length > 0) wrong.push(`${lost.length} messages were lost: ${lost}`);
  return [...wrong, ...faults(ledger)];
}

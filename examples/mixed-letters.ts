// Two writers send letters through one end of a pipe: first a header, then the text. Each send is whole, but between the
// two sends of one writer come those of the other one, so that the reader takes Ada's header for that of Grace's text.
// A lock around both sends keeps them together. So does sending a letter as one message, and so does a queue, which is
// made for several writers: an item is a letter. (Header and text as two items would be mixed up there, too.)
import { Barrier, Lock, Pipe, type PipeConnection, Process, Queue } from 'multiprocess';

const WRITERS = ['Ada', 'Grace'];
const LETTERS = 40; // of each

type Part = { from: string } | { text: string };
type Letter = [header: Part, text: Part];
/** How a letter is sent. */
type Send = (letter: Letter) => Promise<void>;

async function writeLetters(name: string, ready: Barrier, send: Send) {
  await ready.wait();
  for (let i = 1; i <= LETTERS; i++) await send([{ from: name }, { text: `letter ${i}, yours ${name}` }]);
}

const think = () => new Promise((resolve) => setTimeout(resolve, 1)); // a writer, between header and text

async function inTwoParts(end: PipeConnection<Part>, [header, text]: Letter) {
  await end.send(header);
  await think();
  await end.send(text);
}

async function receiveParts(end: PipeConnection<unknown, Part>): Promise<Letter> {
  return [await end.recv(), await end.recv()];
}

async function correspond(how: string, send: Send, receive: () => Promise<Letter>) {
  const ready = new Barrier(WRITERS.length);
  const writers = WRITERS.map((name) => new Process({ name, target: writeLetters, args: [name, ready, send] }));
  for (const writer of writers) writer.start();
  const mixed: Letter[] = [];
  for (let i = 0; i < WRITERS.length * LETTERS; i++) {
    const letter = await receive();
    if (isMixed(letter)) mixed.push(letter);
  }
  for (const writer of writers) await writer.join();
  console.log(`${how.padEnd(42)} ${WRITERS.length * LETTERS} letters, ${mixed.length} mixed up`);
  if (mixed[0]) console.log(`    one of them: ${JSON.stringify(mixed[0])}`);
}

function isMixed([header, text]: Letter): boolean {
  return !('from' in header && 'text' in text && text.text.endsWith(`yours ${header.from}`));
}

{
  const [near, far] = Pipe<Part>();
  await correspond(
    'pipe, two sends',
    (letter) => inTwoParts(far, letter),
    () => receiveParts(near),
  );
}
{
  const [near, far] = Pipe<Part>();
  const lock = new Lock();
  const locked = async (letter: Letter) => {
    await lock.acquire();
    await inTwoParts(far, letter);
    lock.release();
  };
  await correspond('pipe, two sends with a lock around them', locked, () => receiveParts(near));
}
{
  const [near, far] = Pipe<Letter>();
  await correspond(
    'pipe, one send',
    (letter) => far.send(letter),
    () => near.recv(),
  );
}
{
  const queue = new Queue<Letter>();
  await correspond(
    'queue, one item',
    (letter) => queue.put(letter),
    () => queue.get(),
  );
}

// Two processes talk through a pipe: one thinks of a number, the other one guesses. Each has one end; what is sent at one
// end is received at the other. When the guesser closes its end, or just ends, the thinker's loop is over.
import { Pipe, type PipeConnection, Process } from 'multiprocess';

type Answer = 'higher' | 'lower' | 'right';

async function think(end: PipeConnection<Answer, number>, secret: number) {
  console.log(`thinker ${process.pid}: I have a number from 1 to 100`);
  for await (const guess of end) {
    const answer = guess < secret ? 'higher' : guess > secret ? 'lower' : 'right';
    console.log(`thinker ${process.pid}: ${answer}`);
    await end.send(answer);
  }
  console.log(`thinker ${process.pid}: nobody is there any more`);
}

async function guess(end: PipeConnection<number, Answer>) {
  let [low, high] = [1, 100];
  for (;;) {
    const middle = Math.floor((low + high) / 2);
    console.log(`guesser ${process.pid}: is it ${middle}?`);
    await end.send(middle);
    const answer = await end.recv();
    if (answer === 'right') break;
    if (answer === 'higher') low = middle + 1;
    else high = middle - 1;
  }
  console.log(`guesser ${process.pid}: thank you, good-bye`);
  end.close();
}

const [near, far] = Pipe<Answer, number>();
const thinker = new Process({ target: think, args: [near, 73] });
const guesser = new Process({ target: guess, args: [far] });
thinker.start();
guesser.start();
// An end is gone when nobody has it any more: who only passes ends on closes its own.
near.close();
far.close();
await thinker.join();
await guesser.join();

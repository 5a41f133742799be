// When a parent is killed, its children become orphans and go on - unless they were started with `orphan: 'kill'`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, parentProcess } from 'multiprocess';

if (process.argv[2] === 'parent') beParent();
else await main();

/** The program that will be killed. */
function beParent() {
  const plain = new Process({ target: child, args: ['child A'] });
  const bound = new Process({ target: child, args: ['child B'], orphan: 'kill' });
  plain.start();
  bound.start();
  console.log(`parent  ${process.pid}: started child A (${plain.pid}) and child B (${bound.pid}, orphan: 'kill')`);
}

async function child(who: string) {
  const parent = parentProcess()!;
  const say = (what: string) => console.log(`${who} ${process.pid}: ${what}`);
  say(`my parent is ${parent.pid}`);
  await parent.join(); // resolves when the parent has ended, however it ended
  say(`my parent is ${parent.isAlive() ? 'alive' : 'dead'}: I am an orphan, and go on`);
  await sleep(60_000); // what it goes on with
}

/** Starts the parent as a program of its own, kills it, and looks what becomes of its children. */
async function main() {
  const parent = spawn(process.execPath, [import.meta.filename, 'parent'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids = new Map<string, number>();
  for await (const line of createInterface(parent.stdout)) {
    console.log(line);
    const [, who, pid, dead] = /^(parent|child .) +(\d+): (my parent is dead)?/.exec(line) ?? [];
    if (dead) {
      if (who === 'child A') await lookAround(); // child B may still have noticed before it was terminated
    } else if (who && pids.set(who, Number(pid)).size === 3) {
      console.log(`main: kills the parent, ${parent.pid}`);
      parent.kill('SIGKILL');
    }
  }
  // The pipe has ended: nobody writes to it any more, so all of them are gone.
  console.log('main: the last of them has ended');

  async function lookAround() {
    while (isThere('child B')) await sleep(10);
    for (const who of ['child A', 'child B']) console.log(`main: ${who} is ${isThere(who) ? 'alive' : 'gone'}`);
    console.log('main: ends child A, for nobody else will');
    process.kill(pids.get('child A')!);
  }

  function isThere(who: string) {
    return existsSync(`/proc/${pids.get(who)}`);
  }
}

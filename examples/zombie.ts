// A zombie is a process that has ended, but whose end nobody has asked for yet: its entry stays in the process table.
// With fork(2) in C or Python that lasts until the parent calls wait() or join(). Plain child_process children of Node
// are reaped by the event loop, so they stay zombies for as long as the parent is busy. Ours are reaped at once by a
// helper outside of the parent, even if the parent never joins and blocks its event loop, as here.
import { readFileSync } from 'node:fs';
import { Process } from 'multiprocess';

const child = new Process({ target: () => console.log(`child  ${process.pid}: I am done`) });
child.start();
console.log(`parent ${process.pid}: started ${child.pid}, and never joins it`);

const begin = performance.now();
let last = '';
while ((last !== 'gone' || child.exitCode === null) && performance.now() - begin < 10_000) {
  const state = stateOf(child.pid!);
  if (state !== last) console.log(`parent ${process.pid}: the state of ${child.pid} is: ${state}`);
  last = state;
}
console.log(`parent ${process.pid}: ${last === 'gone' ? 'no zombie is left' : 'there it is still'}`);
console.log(`parent ${process.pid}: and its exit code is not lost: ${child.exitCode}`);

/** As `ps` shows it: 'R (running)', 'S (sleeping)', 'Z (zombie)', ... */
function stateOf(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^State:\s+(.*)$/m.exec(status)![1]!;
  } catch {
    return 'gone';
  }
}

// Threads are parts of one process: they have one pid, and ids of their own in the kernel. Processes have a pid each.
import { Process } from 'multiprocess';
import { currentThread, getNativeId, Thread } from 'multiprocess/threading';

function report(who: string) {
  console.log(`${who.padEnd(10)} pid ${process.pid}  kernel's id ${getNativeId()}  ${currentThread().name}`);
}

report('main');
for (let i = 0; i < 3; i++) {
  const thread = new Thread({ target: report, args: ['thread'] });
  thread.start();
  await thread.join();
}
for (let i = 0; i < 3; i++) {
  const child = new Process({ target: report, args: ['process'] });
  child.start();
  await child.join();
}

// A process through its life: isAlive() and exitCode before the start, while it runs, and after terminate().
import { setTimeout as sleep } from 'node:timers/promises';
import { Process } from 'multiprocess';

const child = new Process({ target: () => sleep(60_000) });

row('WHEN', 'ALIVE', 'EXIT CODE', 'SIGNAL');
show('before start()');

child.start();
show('after start()');

child.terminate();
show('after terminate()'); // a signal takes a moment: the child may still be alive here

await child.join();
show('after join()');

function show(when: string) {
  row(when, child.isAlive() ? 'yes' : 'no', child.exitCode ?? '-', child.signalCode ?? '-');
}

function row(...cells: unknown[]) {
  console.log(
    cells
      .map((cell) => String(cell).padEnd(20))
      .join('')
      .trimEnd(),
  );
}

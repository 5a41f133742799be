// The four ways in which a process ends, and what its parent learns of each.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process } from 'multiprocess';

const normal = new Process({ name: 'normal', target: () => 'a return value is no exit code' });
const error = new Process({ name: 'error', target: () => process.exit(3) });
const uncaught = new Process({
  name: 'uncaught',
  target: () => {
    throw new RangeError('nobody catches me');
  },
});
const killed = new Process({ name: 'killed', target: () => sleep(60_000) });

const children = [normal, error, uncaught, killed];
for (const child of children) child.start();
killed.kill();
for (const child of children) await child.join(); // an error in a child is printed there; it is not thrown here

const how: Record<string, string> = {
  normal: 'its function returned',
  error: 'it called process.exit(3)',
  uncaught: 'it threw an error (printed above)',
  killed: 'its parent called kill()',
};
row('NAME', 'EXIT CODE', 'SIGNAL', 'WHAT HAPPENED');
for (const { name, exitCode, signalCode } of children) row(name, exitCode, signalCode ?? '-', how[name]);

function row(...cells: unknown[]) {
  console.log(
    cells
      .map((cell) => String(cell).padEnd(12))
      .join('')
      .trimEnd(),
  );
}

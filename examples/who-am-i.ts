// Every process has a name, a pid and a parent; a child may have children of its own.
import { currentProcess, Process, parentProcess } from 'multiprocess';

function report(role: string) {
  const { name } = currentProcess();
  const parent = parentProcess()?.name ?? '(not started by us)';
  row(role, name, process.pid, process.ppid, parent);
}

function row(...cells: unknown[]) {
  const widths = [14, 14, 10, 14, 0];
  console.log(cells.map((cell, i) => String(cell).padEnd(widths[i]!)).join(''));
}

async function child() {
  report('child');
  for (let i = 0; i < 2; i++) {
    const grandchild = new Process({ target: report, args: ['grandchild'] });
    grandchild.start();
    await grandchild.join();
  }
}

row('WHO', 'NAME', 'PID', "PARENT'S PID", "PARENT'S NAME");
report('main program');

for (const name of [undefined, 'Ada']) {
  const started = new Process({ target: child, name });
  started.start();
  await started.join();
}

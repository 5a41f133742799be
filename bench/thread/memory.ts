/** What idle threads and processes take, each measured in a program of its own. */
import { options } from '../options.ts';
import { program } from '../program.ts';
import { megabytes, printTable } from '../table.ts';

const IDLE = new URL('./fixtures/idle.ts', import.meta.url);

export async function run(): Promise<void> {
  const rows: string[][] = [];
  for (const kind of ['Thread', 'new Worker', 'Process, forkserver', 'child_process.fork']) {
    for (const count of options.quick ? [8] : [8, 32]) {
      rows.push([kind, String(count), megabytes(await program<number>(IDLE, kind, String(count)))]);
    }
  }
  printTable('memory of an idle one, MB of PSS', ['', 'how many', 'each'], rows);
}

/** A million numbers in a queue: what they take, and what they leave. */
import { amount } from '../options.ts';
import { program } from '../program.ts';
import { figure, megabytes, printTable } from '../table.ts';

interface Figures {
  bytesPerItem: number;
  put: number;
  drained: number;
  left: number;
  closed: number;
  limited: { items: number; resident: number };
}

export async function run(): Promise<void> {
  const count = amount(1_000_000);
  const figures = await program<Figures>(new URL('./fixtures/million.ts', import.meta.url), String(count));
  const { bytesPerItem, put, drained, left, closed, limited } = figures;
  printTable(
    `${count.toLocaleString('en')} numbers in a queue, one process`,
    ['', ''],
    [
      ['memory of the realm, bytes per item', figure(bytesPerItem)],
      ['to put them, ms', figure(put)],
      ['to drain them, ms', figure(drained)],
      ['left when drained, MB', megabytes(left)],
      ['left when closed, MB', megabytes(closed)],
      ['maxBytes of 1 MiB: numbers until put waits', limited.items.toLocaleString('en')],
      ['maxBytes of 1 MiB: memory of the realm then, MB', megabytes(limited.resident)],
    ],
  );
}

/** Segments as the kernel shows them. */
import { existsSync, readdirSync } from 'node:fs';
import { after } from 'node:test';
import { runs, until } from '../../process/support/procfs.ts';

let names = 0;

/** A name that no other test uses. What is left of it at the end of the file is an error: see below. */
export function segmentName(what = 'test'): string {
  return `mp-${what}-${process.pid}-${names++}`;
}

export const segmentExists = (name: string): boolean => existsSync(`/dev/shm/${name}`);

/** The segments whose names begin with this. */
export const segmentsNamed = (prefix: string): string[] =>
  readdirSync('/dev/shm').filter((name) => name.startsWith(prefix));

export const gone = (name: string): Promise<boolean> =>
  until(`segment ${name} to be unlinked`, () => !segmentExists(name));

export const ended = (pid: number): Promise<boolean> => until(`process ${pid} to end`, () => !runs(pid));

after(() => {
  const left = segmentsNamed('mp-').filter((name) => name.includes(`-${process.pid}-`));
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
});

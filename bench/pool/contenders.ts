/** Who is measured: each sample is a program of its own, in fixtures/. */
import { fileURLToPath } from 'node:url';
import type { Contender, Sample } from '../contest.ts';
import { program } from '../program.ts';
import { python, pythonVersion } from '../python.ts';

export const POOL = 'multiprocess Pool';
export const OURS = [POOL, 'multiprocess ThreadPool', 'multiprocess ProcessPoolExecutor'];
export const THREADS = [
  'piscina',
  'tinypool threads',
  'workerpool threads',
  'jest-worker threads',
  'poolifier threads',
];
export const PROCESSES = ['tinypool processes', 'workerpool processes', 'jest-worker processes', 'poolifier processes'];
export const PYTHON = pythonVersion() ? ['CPython Pool', 'CPython ProcessPoolExecutor'] : [];
export const RIVALS = [...THREADS, ...PROCESSES, ...PYTHON];

export type Shape = 'burst' | 'map' | 'turns' | 'buffers' | 'array' | 'copied' | 'speedup';

/** A contender that has its pool do `count` tasks of this shape. */
export function contender(name: string, shape: Shape, count: number): Contender {
  return { name, measure: () => run<Sample>(name, 'measure.mjs', shape, Math.round(count)) };
}

/** Runs the fixture with a library's name: fixtures/pool.py for CPython's. */
export function run<T>(name: string, fixture: string, shape: Shape | 'cold', count = 0): Promise<T> {
  const at = (file: string) => new URL(`./fixtures/${file}`, import.meta.url);
  if (name.startsWith('CPython')) return python<T>(fileURLToPath(at('pool.py')), name, shape, count);
  const measure = () => program<T>(at(fixture), name, shape, String(count));
  // One start in five of poolifier's threads loses its first task.
  return name === 'poolifier threads' ? measure().catch(measure).catch(measure) : measure();
}

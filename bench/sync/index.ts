/** Synchronisation: free, contended, parked; beside CPython, and the locks that Node users have. */
import * as contended from './contended.ts';
import * as rings from './rings.ts';
import * as uncontended from './uncontended.ts';

export async function run(): Promise<void> {
  await uncontended.run();
  await contended.run();
  await rings.run();
}

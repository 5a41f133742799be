/** Words of the realm's header that are not the allocator's. */
import { HEADER } from './layout.ts';
import { words } from './realm.ts';

type Word = 'forkVerdict' | 'zygote' | 'keeper';

export const load = (word: Word): number => Atomics.load(words(0), HEADER[word] >> 2);

export function store(word: Word, value: number): void {
  Atomics.store(words(0), HEADER[word] >> 2, value);
}

/** Returns what was there before. */
export function compareExchange(word: Word, expected: number, value: number): number {
  return Atomics.compareExchange(words(0), HEADER[word] >> 2, expected, value);
}

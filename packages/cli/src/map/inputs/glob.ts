import { existsSync } from 'node:fs';
import { isDynamicPattern } from 'tinyglobby';

/** Whether a word is a pattern. A file that is really called `[id].ts` is that file, and a URL is a URL. */
export function isGlob(word: string): boolean {
  return isDynamicPattern(word) && !/^[a-z][a-z\d+.-]*:\/\//i.test(word) && !existsSync(word);
}

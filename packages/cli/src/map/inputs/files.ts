import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { escapePath, glob } from 'tinyglobby';
import { CommandError, systemReason } from '../../failure.ts';
import { isGlob } from './glob.ts';

export interface FileOptions {
  ignore: string[];
  /** Every word is a file, a directory or a pattern; otherwise words that are no pattern stand for themselves. */
  strict: boolean;
}

/**
 * The files that the words mean, each once, those of a pattern sorted. Symbolic links are not followed, so that no tree is
 * walked twice. Throws `CommandError` when a word means no file: a mistyped pattern must not look like success.
 */
export async function expandFiles(words: string[], { ignore, strict }: FileOptions): Promise<string[]> {
  const globbed = new Set<string>();
  const result: string[] = [];
  for (const word of words) {
    const pattern = isGlob(word) ? word : strict ? patternOfDirectory(word) : undefined;
    if (pattern === undefined) {
      result.push(word);
      continue;
    }
    const found = await glob(pattern, {
      ignore,
      followSymbolicLinks: false,
      expandDirectories: false,
      absolute: isAbsolute(pattern),
    });
    if (found.length === 0)
      throw new CommandError(
        `no file matches '${word}'${strict ? '' : ' (with --args, arguments are taken as they are)'}`,
      );
    for (const path of found.sort()) {
      if (!globbed.has(path)) result.push(path);
      globbed.add(path);
    }
  }
  return result;
}

/** All files below a directory; undefined for a file. */
function patternOfDirectory(word: string): string | undefined {
  try {
    return statSync(word).isDirectory() ? `${escapePath(word.replace(/(?<=.)\/+$/, ''))}/**` : undefined;
  } catch (error) {
    throw new CommandError(`cannot read '${word}': ${systemReason(error)}`);
  }
}

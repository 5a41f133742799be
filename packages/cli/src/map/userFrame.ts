import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where our own code and what calls it lives: frames in it say nothing to the user. */
const OWN_FOLDERS = [
  new URL('..', import.meta.url),
  new URL('.', import.meta.resolve('multiprocess')),
  new URL('.', import.meta.resolve('commander')),
].map((url) => realpathSync(fileURLToPath(url)) + sep);

/**
 * 'src/work.ts:12:7': the first line of the error's stack that is neither Node's, ours, nor a dependency's; when there is
 * no such line, the first one in a file at all. Relative to the current folder where that is shorter.
 */
export function userFrame(error: unknown): string | undefined {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  const frames = stack
    .split('\n')
    .flatMap(parseFrame)
    .filter(({ path }) => !OWN_FOLDERS.some((folder) => path.startsWith(folder)));
  const frame = frames.find(({ path }) => !path.includes(`${sep}node_modules${sep}`)) ?? frames[0];
  if (!frame) return undefined;
  const near = relative(process.cwd(), frame.path);
  return `${near.length < frame.path.length ? near : frame.path}${frame.position}`;
}

/** A V8 frame, or the head of a syntax error ('file:///work.ts:3'). */
function parseFrame(line: string): { path: string; position: string }[] {
  const match = /(?:^|\(|at (?:async )?)((?:file:\/\/)?\/[^()]*?)(:\d+(?::\d+)?)\)?$/.exec(line);
  if (!match) return [];
  const path = match[1]!.startsWith('file:') ? fileURLToPath(match[1]!) : match[1]!;
  return [{ path, position: match[2]! }];
}

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

let entry: string | undefined;
let known = false;

/**
 * URL of the program's entry file, whose functions and classes travel by value: importing it elsewhere would run the
 * program again. In a worker thread it is the worker's file. Undefined for `-e`, stdin and the REPL.
 */
export function entryUrl(): string | undefined {
  if (!known) setEntry(findEntry());
  return entry;
}

/** For children, whose own `argv[1]` is not the program: says what the program's entry file is. */
export function setEntry(url: string | undefined): void {
  entry = url;
  known = true;
}

export function isEntry(url: string): boolean {
  const entry = entryUrl();
  return entry !== undefined && withoutQuery(url) === entry;
}

export function withoutQuery(url: string): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}

function findEntry(): string | undefined {
  // With -e and stdin, argv[1] is the first argument of the program. Node marks both by `_eval`.
  if ((process as { _eval?: string })._eval !== undefined) return undefined;
  const path = process.argv[1];
  if (path === undefined || path === '-' || path.startsWith('[')) return undefined;
  try {
    // Completes extensions and follows links, as Node did to find the file.
    return pathToFileURL(createRequire(import.meta.url).resolve(pathToAbsolute(path))).href;
  } catch {
    return pathToFileURL(path).href;
  }
}

function pathToAbsolute(path: string): string {
  return path.startsWith('/') ? path : `${process.cwd()}/${path}`;
}

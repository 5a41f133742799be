/**
 * Where the library's own files lie. Asked here and in native.ts only, which lie in the root of the sources as chunks lie in
 * that of dist/: `import.meta.url` of other files is another one once they are bundled (scripts/bundle.ts).
 */

/** The folder of all that is ours, as a URL with a slash at its end. */
export const LIBRARY = new URL('.', import.meta.url);

/** A program of entry/. */
export function entryUrl(name: 'child' | 'hooks' | 'thread' | 'zygote'): URL {
  return new URL(`./entry/${name}.js`, LIBRARY);
}

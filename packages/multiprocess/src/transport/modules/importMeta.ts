import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withoutQuery } from '../entry.ts';

const urls = new WeakMap<object, string>();

/** The `import.meta` of a function that was written in the module at `url` and now runs here. */
export function makeImportMeta(url: string): object {
  const filename = toFile(url);
  let require: NodeJS.Require | undefined;
  const meta = {
    url,
    filename,
    dirname: path.dirname(filename),
    main: false,
    resolve(specifier: string): string {
      if (/^\.{0,2}\//.test(specifier) || /^[a-z]+:/.test(specifier)) return new URL(specifier, url).href;
      require ??= createRequire(filename);
      const resolved = require.resolve(specifier);
      return path.isAbsolute(resolved) ? pathToFileURL(resolved).href : `node:${resolved.replace(/^node:/, '')}`;
    },
  };
  urls.set(meta, url);
  return meta;
}

/** The URL that `meta` was made for, if it was made here. */
export function importMetaUrl(meta: object): string | undefined {
  return urls.get(meta);
}

/** The path of a file: URL; anything else as it is. */
export function toFile(url: string): string {
  try {
    return url.startsWith('file:') ? fileURLToPath(withoutQuery(url)) : url;
  } catch {
    return url;
  }
}

import vm from 'node:vm';
import { withoutWarning } from '../silence.ts';

type Importer = (specifier: string, options?: ImportCallOptions) => Promise<unknown>;

const importers = new Map<string, Importer>();
let imported = false;

/**
 * Whether this thread has imported a module for what was sent to it, or has been sent code that can import others than Node's.
 * `require` has a list of its own.
 */
export const hasImported = (): boolean => imported;

export function noteImport(): void {
  imported = true;
}

/** An `import()` that resolves as one in the module at `url` would: with its packages, and with Node's hooks. */
export function importFrom(url: string): Importer {
  let importer = importers.get(url);
  if (!importer) {
    const made: Importer = vm.compileFunction('return (s, o) => o ? import(s, o) : import(s)', [], {
      filename: url,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })();
    // Node warns, once per process, when the first of them imports something: it shall do so where nobody hears it.
    if (importers.size === 0)
      withoutWarning('USE_MAIN_CONTEXT_DEFAULT_LOADER', () => void made('node:module').catch(() => {}));
    importers.set(url, made);
    importer = made;
  }
  return importer;
}

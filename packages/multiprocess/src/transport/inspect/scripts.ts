import { onEvent, post, withDebugger } from './session.ts';

/** A script or module as V8 holds it: for TypeScript and bundles that is the transpiled text. */
export interface Script {
  url: string;
  isModule: boolean | undefined;
  source: string;
}

const scripts = new Map<string, Script & { fetched: boolean }>();

onEvent('Debugger.scriptParsed', ({ scriptId, url, isModule }) => {
  if (!scripts.has(scriptId)) scripts.set(scriptId, { url, isModule, source: '', fetched: false });
});

/** The script with this id of the inspector. The first question about a script costs some milliseconds. */
export function scriptById(scriptId: string): Script {
  const known = scripts.get(scriptId);
  if (known?.fetched) return known;
  // Only enabling the Debugger tells about scripts: it sends one event for each, synchronously.
  return withDebugger(() => {
    let script = scripts.get(scriptId);
    if (!script) {
      script = { url: '', isModule: undefined, source: '', fetched: false };
      scripts.set(scriptId, script);
    }
    script.fetched = true;
    try {
      script.source = post('Debugger.getScriptSource', { scriptId }).scriptSource;
    } catch {
      // Collected meanwhile: without its text nothing about it can be proved, and nothing needs to be.
    }
    return script;
  });
}

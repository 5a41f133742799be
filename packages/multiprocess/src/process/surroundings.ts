/** What a child finds around it: its parent's, unless its options say otherwise, and mostly the zygote's, too. */
import { idOf } from '../memory/index.ts';
import { entryUrl, setEntry } from '../transport/index.ts';
import { AuthenticationString, self } from './identity.ts';
import { getStartMethod, inheritStartMethod, type StartMethod } from './methods.ts';

export interface Surroundings {
  authKey: Uint8Array;
  startMethod: StartMethod | undefined;
  /** URL of the program's entry module: its functions travel by value. */
  entry: string | undefined;
  argv: string[];
  execArgv: string[];
  cwd: string;
  umask: number;
  env: NodeJS.ProcessEnv;
}

/** Those of this process, as they are now: copies, which do not change with it. */
export function describeSurroundings(): Surroundings {
  return {
    authKey: new Uint8Array(self().authKey),
    startMethod: getStartMethod({ allowNone: true }),
    entry: entryUrl(),
    argv: [...process.argv],
    execArgv: [...process.execArgv],
    cwd: process.cwd(),
    umask: process.umask(),
    env: { ...process.env },
  };
}

/** Makes them this process's own. */
export function settleIn({ authKey, startMethod, entry, argv, execArgv, cwd, umask, env }: Surroundings): void {
  self().authKey = new AuthenticationString(authKey);
  inheritStartMethod(startMethod);
  setEntry(entry);
  process.argv = [...argv];
  process.execArgv = [...execArgv];
  if (process.cwd() !== cwd) process.chdir(cwd);
  process.umask(umask);
  replaceEnvironment(env);
}

let zygote: { id: number; surroundings: Surroundings } | undefined;

/** For whoever starts a zygote, in that slot, and for the zygote and its children. */
export function rememberZygote(slot: number, surroundings: Surroundings): void {
  zygote = { id: idOf(slot), surroundings };
}

/** Another one has taken the place of the zygote with this identity. */
export function forgetZygote(id: number): void {
  if (zygote?.id === id) zygote = undefined;
}

/** The identity of the zygote that is known to have these; 0: there is none. */
export function zygoteWith(surroundings: Surroundings): number {
  return zygote && areSame(zygote.surroundings, surroundings) ? zygote.id : 0;
}

function areSame(a: Surroundings, b: Surroundings): boolean {
  return (
    a.cwd === b.cwd &&
    a.umask === b.umask &&
    a.entry === b.entry &&
    a.startMethod === b.startMethod &&
    areSameItems(a.argv, b.argv) &&
    areSameItems(a.execArgv, b.execArgv) &&
    areSameItems(a.authKey, b.authKey) &&
    areSameVariables(a.env, b.env)
  );
}

function areSameItems<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function areSameVariables(a: NodeJS.ProcessEnv, b: NodeJS.ProcessEnv): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value;
}

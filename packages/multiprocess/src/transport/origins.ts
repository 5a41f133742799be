/**
 * Who is who across processes. A function or class that is sent by value gets an id that begins with the id of its home
 * process; when it comes home it is the very same function again, so `instanceof` and `===` hold for what comes back.
 */
import { native } from '../native.ts';
import type { ImportSource, PathStep, Template } from './wire/format.ts';

/** How a function came into this process: enough to send it on without looking at it again. */
export interface Provenance {
  id: string;
  template: Template;
  captured: unknown[];
  /** For captured variables that are imports: where from. */
  imports: (ImportedFrom | undefined)[];
}

let home: string | undefined;
let homePid = 0;
let next = 0;
let ids = new WeakMap<object, string>();
const provenances = new WeakMap<object, Provenance>();
const importedValues = new WeakMap<object, ImportedFrom>();
const sent = new Map<string, WeakRef<object>>();
const reaper = new FinalizationRegistry((id: string) => sent.delete(id));

/** The id of a function sent by value; given at the first call. */
export function originId(fn: object): string {
  let id = provenances.get(fn)?.id ?? ids.get(fn);
  if (id === undefined) {
    id = newId();
    ids.set(fn, id);
    sent.set(id, new WeakRef(fn));
    reaper.register(fn, id);
  }
  return id;
}

/** The function of this process that has this id, if it is still alive. */
export function ownFunction(id: string): object | undefined {
  return sent.get(id)?.deref();
}

export function received(fn: object, provenance: Provenance): void {
  provenances.set(fn, provenance);
}

export function provenanceOf(fn: object): Provenance | undefined {
  return provenances.get(fn);
}

/** Where a function that a message named by reference was imported from: it can be sent on without a look at it. */
export interface ImportedFrom {
  source: ImportSource;
  path: PathStep[];
}

export function imported(value: object, from: ImportedFrom): void {
  if (!importedValues.has(value)) importedValues.set(value, from);
}

export function importedFrom(value: object): ImportedFrom | undefined {
  return importedValues.get(value);
}

/** An id that no other process gives, also not one that had or will have the same pid. */
export function newId(): string {
  if (home === undefined || homePid !== process.pid) {
    home = `${process.pid.toString(36)}.${native.randomBytes(6).toString('base64url')}`;
    homePid = process.pid;
  }
  return `${home}:${(next++).toString(36)}`;
}

/** Forgets every id that this process gave. */
export function resetOrigins(): void {
  home = undefined;
  ids = new WeakMap();
  sent.clear();
}

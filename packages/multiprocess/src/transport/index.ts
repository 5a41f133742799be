// TEMPORARY
import v8 from 'node:v8';
import { pathToFileURL } from 'node:url';
const enc = (v: any): any => typeof v === 'function' ? { __f: String(v) } : Array.isArray(v) ? v.map(enc) : v && typeof v === 'object' && (v.constructor === Object || v.constructor === undefined) ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, enc(x)])) : v;
const dec = (v: any): any => v && typeof v === 'object' && '__f' in v ? (0, eval)(`(${v.__f})`) : Array.isArray(v) ? v.map(dec) : v && typeof v === 'object' && v.constructor === Object ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, dec(x)])) : v;
export const dumps = (v: unknown): Uint8Array => v8.serialize(enc(v));
export const loadsSync = (b: Uint8Array): unknown => dec(v8.deserialize(b));
export const loads = async (b: Uint8Array): Promise<unknown> => loadsSync(b);
export const tryLoadsSync = (b: Uint8Array): { value: unknown } | undefined => ({ value: loadsSync(b) });
export const dumpsError = (e: unknown): Uint8Array => v8.serialize(e);
let entry: string | undefined;
export const setEntry = (u: string | undefined): void => { entry = u; };
export const entryUrl = (): string | undefined => entry ?? (process.argv[1] ? pathToFileURL(process.argv[1]).href : undefined);
export const warmUp = (): void => {};
export const resetAfterFork = (): void => {};
export const importFrom = (_from: string | undefined, m: string): Promise<unknown> => import(m);

import { loadsError, loadsOwned, tryLoadsErrorSync, tryLoadsSync } from '../transport/index.ts';
import type { Item, Outcome } from './job.ts';
import { Kind, type Message } from './protocol.ts';

/** What an answer says; a promise only when modules have to be imported for it. Never throws and never rejects. */
export function outcomeOf(item: Item, { kind, plain, body }: Message): Outcome | Promise<Outcome> {
  if (plain) return fulfilled(plain.value);
  return kind === Kind.Result ? resultOf(body) : failureOf(body, item.job.origin.stack);
}

/** What was thrown in the worker; `localStack` is put under its own stack. */
export function failureOf(body: Uint8Array, localStack: string | undefined): Outcome | Promise<Outcome> {
  const loaded = tryLoadsErrorSync(body, { localStack });
  return loaded ? rejected(loaded.value) : loadsError(body, { localStack }).then(rejected);
}

function resultOf(body: Uint8Array): Outcome | Promise<Outcome> {
  try {
    const loaded = tryLoadsSync(body, true);
    return loaded ? fulfilled(loaded.value) : loadsOwned(body).then(fulfilled, rejected);
  } catch (error) {
    return rejected(error);
  }
}

const fulfilled = (value: unknown): Outcome => ({ status: 'fulfilled', value });
const rejected = (reason: unknown): Outcome => ({ status: 'rejected', reason });

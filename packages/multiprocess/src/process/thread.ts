/** What a worker thread has to be told of the process it runs in: its heap is new. */
import { entryUrl, setEntry } from '../transport/index.ts';
import { AuthenticationString, become, isMainProcess, self } from './identity.ts';
import { getStartMethod, inheritStartMethod, type StartMethod } from './methods.ts';

export interface ThreadPreparation {
  /** undefined in the main program. */
  identity: Omit<ReturnType<typeof self>, 'authKey'> | undefined;
  authKey: Uint8Array;
  startMethod: StartMethod | undefined;
  entry: string | undefined;
  argv: string[];
}

export function describeIdentity(): ThreadPreparation {
  const { authKey, ...identity } = self();
  return {
    identity: isMainProcess ? undefined : identity,
    authKey: new Uint8Array(authKey),
    startMethod: getStartMethod({ allowNone: true }),
    entry: entryUrl(),
    argv: process.argv,
  };
}

export function becomeThread({ identity, authKey, startMethod, entry, argv }: ThreadPreparation): void {
  const key = new AuthenticationString(authKey);
  if (identity) become({ ...identity, authKey: key });
  else self().authKey = key;
  process.argv = argv;
  inheritStartMethod(startMethod);
  setEntry(entry);
}

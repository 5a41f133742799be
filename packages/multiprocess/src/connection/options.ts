/** Options that listeners and clients have in common. */
import { invalidArgument } from '../errors.ts';
import { checkNames } from '../options.ts';
import { currentProcess } from '../process/index.ts';
import { type AuthOptions, checkDigest, type Digest } from './auth.ts';
import { type Globals, Pickle } from './pickle/index.ts';
import { type Codec, checkMaxMessageSize, DEFAULT_MAX_MESSAGE_SIZE } from './socket-connection.ts';

export interface ConnectionOptions {
  /**
   * The secret that both ends have to know: bytes, or a string (as UTF-8). `true`: `currentProcess().authKey`, which this program and
   * its children share. @default none: whoever reaches the address is trusted
   */
  authKey?: Uint8Array | string | true | null;
  /**
   * Accepts proofs by HMAC-MD5, and gives them: what Python 3.11 and older needs. @default false: SHA-2 and SHA-3 only
   */
  allowMd5?: boolean;
  /** What the other end has to prove its knowledge of the key with. @default 'sha256' */
  digest?: Digest;
  /** How long, in ms, the other end may take for the whole exchange of proofs. @default 10 000 */
  handshakeTimeout?: number;
  /** Longest message, in bytes, that is received. @default 256 MiB */
  maxMessageSize?: number;
  /** What Python objects become, by 'module.name'; all others are refused. @default none */
  globals?: Globals;
}

export interface Settings {
  /** Undefined: no authentication. */
  auth: AuthOptions | undefined;
  handshakeTimeout: number;
  maxMessageSize: number;
  codec: Codec;
}

const NAMES = ['authKey', 'allowMd5', 'digest', 'handshakeTimeout', 'maxMessageSize', 'globals'];

/** Checks and normalises; `more` are names of further options. */
export function settingsOf(options: ConnectionOptions, more: string[]): Settings {
  checkNames(options, [...NAMES, ...more]);
  const { allowMd5 = false, digest = 'sha256', handshakeTimeout = 10_000, maxMessageSize, globals } = options;
  if (typeof allowMd5 !== 'boolean') throw invalidArgument('allowMd5', 'a boolean', allowMd5);
  if (typeof handshakeTimeout !== 'number' || !(handshakeTimeout > 0)) {
    throw invalidArgument('handshakeTimeout', 'a number of milliseconds above 0', handshakeTimeout);
  }
  checkDigest(digest);
  checkMaxMessageSize(maxMessageSize);
  const key = keyOf(options.authKey);
  return {
    auth: key && { key, allowMd5: allowMd5 || digest === 'md5', digest },
    handshakeTimeout,
    maxMessageSize: maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE,
    codec: new Pickle(globals),
  };
}

function keyOf(key: unknown): Uint8Array | undefined {
  if (key === undefined || key === null) return undefined;
  if (key === true) return Buffer.from(currentProcess().authKey);
  if (typeof key === 'string') return Buffer.from(key);
  if (key instanceof Uint8Array) return Buffer.from(key);
  throw invalidArgument('authKey', 'a Uint8Array, a string or true', key);
}

/**
 * How two ends prove to each other that they know a key, without sending it: CPython's protocol, by HMAC.
 *
 *     listener                                   client
 *        #CHALLENGE#{sha256}<40 random bytes>  →
 *                                              ←  {sha256}<HMAC of all behind #CHALLENGE#>
 *        #WELCOME# or #FAILURE#                →
 *     and the same with changed roles
 *
 * Python 3.11 and older send a challenge of 20 random bytes without a name, and answer any challenge with a bare HMAC-MD5.
 * Every message has at most 256 bytes; a longer one is refused before it is read.
 */
import { crypto } from '../builtins.ts';
import type { Connection } from '../channel/index.ts';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import type { WaitOptions } from '../timeout.ts';

/** Names of Python's, and of OpenSSL's. */
const DIGESTS = { md5: 'md5', sha256: 'sha256', sha384: 'sha384', sha3_256: 'sha3-256', sha3_384: 'sha3-384' } as const;

export type Digest = keyof typeof DIGESTS;

const CHALLENGE = Buffer.from('#CHALLENGE#');
const WELCOME = Buffer.from('#WELCOME#');
const FAILURE = Buffer.from('#FAILURE#');
const MAX_LENGTH = 256;
const RANDOM_LENGTH = 40;
/** A challenge of this length is one of Python 3.11 or older; no other may be shorter. */
const OLD_CHALLENGE_LENGTH = 20;
const MD5_LENGTH = 16;

export interface AuthOptions {
  key: Uint8Array;
  /** Whether HMAC-MD5 counts as a proof, and is given as one. */
  allowMd5: boolean;
  /** What the other end is asked to prove with. */
  digest: Digest;
}

/** A wait for the other end, each time with what is left of the whole. */
export type Remaining = () => WaitOptions;

/** Asks the other end for a proof. Throws `ERR_MP_AUTH`. */
export async function deliverChallenge(
  connection: Connection,
  options: AuthOptions,
  remaining: Remaining,
): Promise<void> {
  const message = Buffer.concat([Buffer.from(`{${options.digest}}`), crypto().randomBytes(RANDOM_LENGTH)]);
  await sendBytes(connection, Buffer.concat([CHALLENGE, message]), remaining());
  const answer = Buffer.from(await connection.recvBytes(MAX_LENGTH, remaining()));
  try {
    verify(message, answer, options);
  } catch (error) {
    await sendBytes(connection, FAILURE, remaining()).catch(() => {}); // whoever is refused may have gone
    throw error;
  }
  await sendBytes(connection, WELCOME, remaining());
}

/** Gives the other end a proof. Throws `ERR_MP_AUTH`. */
export async function answerChallenge(
  connection: Connection,
  options: AuthOptions,
  remaining: Remaining,
): Promise<void> {
  const message = Buffer.from(await connection.recvBytes(MAX_LENGTH, remaining()));
  if (!message.subarray(0, CHALLENGE.length).equals(CHALLENGE)) {
    throw failed(`Protocol error, expected challenge: message=${show(message)}`);
  }
  await sendBytes(connection, respond(message.subarray(CHALLENGE.length), options), remaining());
  const verdict = Buffer.from(await connection.recvBytes(MAX_LENGTH, remaining()));
  if (!verdict.equals(WELCOME)) throw failed('digest sent was rejected');
}

/** The answer to a challenge. */
export function respond(challenge: Buffer, { key, allowMd5 }: Pick<AuthOptions, 'key' | 'allowMd5'>): Buffer {
  if (challenge.length < OLD_CHALLENGE_LENGTH) throw failed(`challenge too short: ${challenge.length} bytes`);
  if (challenge.length === OLD_CHALLENGE_LENGTH) {
    if (!allowMd5) throw md5Refused('the challenge is one');
    return hmac('md5', key, challenge);
  }
  const { digest } = parse(challenge);
  if (digest === 'md5' && !allowMd5) throw md5Refused('the challenge is one');
  return Buffer.concat([Buffer.from(`{${digest}}`), hmac(digest, key, challenge)]);
}

/** Throws unless `answer` proves knowledge of the key. The digest covers its own name in the challenge, so that nobody in between can choose another. */
export function verify(
  challenge: Buffer,
  answer: Buffer,
  { key, allowMd5 }: Pick<AuthOptions, 'key' | 'allowMd5'>,
): void {
  const { digest, rest } = answer.length === MD5_LENGTH ? { digest: 'md5' as const, rest: answer } : parse(answer);
  if (digest === 'md5' && !allowMd5) throw md5Refused('digest received was wrong: it is one');
  const expected = hmac(digest, key, challenge);
  if (expected.length !== rest.length) {
    throw failed(`expected '${digest}' of length ${expected.length} got ${rest.length}`);
  }
  if (!crypto().timingSafeEqual(expected, rest)) throw failed('digest received was wrong');
}

export function checkDigest(value: unknown): asserts value is Digest {
  if (typeof value === 'string' && Object.hasOwn(DIGESTS, value)) return;
  throw invalidArgument('digest', `one of ${Object.keys(DIGESTS).join(', ')}`, value);
}

/** `{name}` and what follows it. */
function parse(message: Buffer): { digest: Digest; rest: Buffer } {
  const [, name] = /^\{(\w+)\}/.exec(message.toString('latin1', 0, 20)) ?? [];
  if (name !== undefined && Object.hasOwn(DIGESTS, name)) {
    return { digest: name as Digest, rest: message.subarray(name.length + 2) };
  }
  throw failed(`unsupported message length, missing digest prefix, or unsupported digest: message=${show(message)}`);
}

function hmac(digest: Digest, key: Uint8Array, message: Buffer): Buffer {
  try {
    return crypto().createHmac(DIGESTS[digest], key).update(message).digest();
  } catch (error) {
    throw failed(`${digest} is not available here`, error); // MD5, under FIPS
  }
}

function sendBytes(connection: Connection, bytes: Uint8Array, options: WaitOptions): Promise<void> {
  return connection.sendBytes(bytes, 0, undefined, options);
}

export function failed(message: string, cause?: unknown): MultiprocessError {
  return new MultiprocessError('ERR_MP_AUTH', message, cause === undefined ? undefined : { cause });
}

function md5Refused(what: string): MultiprocessError {
  return failed(`${what} of HMAC-MD5, which Python 3.11 and older use; { allowMd5: true } accepts that`);
}

/** Bytes as Python shows them, for error messages. */
function show(bytes: Buffer): string {
  const text = [...bytes.subarray(0, 64)].map((byte) =>
    byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `b'${text.join('')}${bytes.length > 64 ? '…' : ''}'`;
}

/** The exchange of proofs on a new connection, within its time. */
import { MultiprocessError } from '../errors.ts';
import type { WaitOptions } from '../timeout.ts';
import { answerChallenge, deliverChallenge, failed } from './auth.ts';
import type { Settings } from './options.ts';
import type { SocketConnection } from './socket-connection.ts';

/**
 * Resolves when both ends have proved that they know the key; at once when there is none. Rejects with `ERR_MP_AUTH`, after
 * closing the connection, or with the error of `limits`, which bound the whole.
 */
export async function authenticate(
  connection: SocketConnection,
  role: 'listener' | 'client',
  { auth, handshakeTimeout }: Settings,
  limits: WaitOptions = {},
): Promise<void> {
  if (!auth) return;
  const own = limits.timeout ?? Infinity;
  const deadline = performance.now() + Math.min(handshakeTimeout, own);
  const remaining = () => ({ signal: limits.signal, timeout: Math.max(0.01, deadline - performance.now()) });
  try {
    const steps = [deliverChallenge, answerChallenge];
    for (const step of role === 'listener' ? steps : steps.reverse()) await step(connection, auth, remaining);
  } catch (error) {
    connection.close();
    throw explain(error, own < handshakeTimeout, handshakeTimeout);
  }
}

function explain(error: unknown, isOwnLimit: boolean, handshakeTimeout: number): unknown {
  if (!(error instanceof MultiprocessError)) return error;
  switch (error.code) {
    case 'ERR_MP_TIMEOUT':
      if (isOwnLimit) return error;
      return failed(
        `no proof within ${handshakeTimeout} ms (handshakeTimeout): perhaps the other end has no key`,
        error,
      );
    case 'ERR_MP_EOF':
    case 'ERR_MP_PEER_GONE':
      return failed('the other end broke off the authentication', error);
    case 'ERR_MP_MESSAGE_TOO_LONG':
      return failed('the other end sent something else than a proof', error);
    default:
      return error;
  }
}

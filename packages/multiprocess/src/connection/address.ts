/** Addresses: `[host, port]`, or the path of a Unix socket ('\0name' for an abstract one, which has no file). */
import { dnsPromises } from '../builtins.ts';
import { invalidArgument, MultiprocessError } from '../errors.ts';

export type Address = readonly [host: string, port: number] | string;
export type Family = 'AF_INET' | 'AF_UNIX';

const ACCEPTED = '[host, port] or the path of a Unix socket';

/** The address, checked; throws `ERR_MP_INVALID_ARG`. */
export function checkAddress(address: unknown, family?: unknown): Address {
  if (family !== undefined && family !== 'AF_INET' && family !== 'AF_UNIX') {
    throw new MultiprocessError('ERR_MP_INVALID_ARG', `Family ${String(family)} is not recognized.`);
  }
  if (typeof address === 'string' && address !== '' && family !== 'AF_INET') {
    if (address.startsWith('\\\\'))
      throw new MultiprocessError('ERR_MP_INVALID_ARG', 'Family AF_PIPE is not recognized.');
    if (address.includes('\0', 1)) throw invalidArgument('address', 'a path without NUL characters', address);
    return address;
  }
  if (Array.isArray(address) && address.length === 2 && family !== 'AF_UNIX') {
    const [host, port] = address;
    if (typeof host !== 'string') throw invalidArgument('host', 'a string', host);
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw invalidArgument('port', 'an integer up to 65535', port);
    return [host, port];
  }
  throw invalidArgument('address', family ? `${ACCEPTED}, and fit family ${family}` : ACCEPTED, address);
}

/** As `net.listen` and `net.connect` want it. '' is every interface, as in Python. */
export function netOptions(address: Address): { path: string } | { host: string; port: number } {
  return typeof address === 'string' ? { path: address } : { host: address[0] || '0.0.0.0', port: address[1] };
}

/** The number behind a name to listen at: of IPv4 if it has one, because Python's clients look for that only. */
export async function resolveHost(address: Address): Promise<Address> {
  if (typeof address === 'string' || address[0] === '') return address;
  return [(await dnsPromises().lookup(address[0], { order: 'ipv4first' })).address, address[1]];
}

export function showAddress(address: Address): string {
  return typeof address === 'string' ? JSON.stringify(address) : address.join(':');
}

/** A system error, with what was tried. */
export function addressError(what: string, address: Address, cause: unknown): MultiprocessError {
  const code = (cause as { code?: string }).code ?? String(cause);
  return new MultiprocessError('ERR_MP_ADDRESS', `${what} ${showAddress(address)}: ${code}`, { cause });
}

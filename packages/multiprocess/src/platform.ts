import { MultiprocessError } from './errors.ts';

const MINIMUM_NODE = [22, 18] as const;

/**
 * On x86-64 no store is seen before an earlier one (Intel SDM 3A, 9.2.2), and V8 keeps the order of stores to typed arrays
 * and to WebAssembly's memory, so that a plain store ends a critical section; it costs a twentieth of an atomic one.
 */
export const STORES_IN_ORDER = process.arch === 'x64';

/** Throws `ERR_MP_PLATFORM` where the library cannot work, before anything else of it is loaded. */
export function checkPlatform(
  { platform, arch, versions } = process as Pick<typeof process, 'platform' | 'arch' | 'versions'>,
): void {
  const wanted = 'multiprocess runs on Linux (x64 or arm64) with Node.js 22.18 or newer';
  if (platform !== 'linux') throw new MultiprocessError('ERR_MP_PLATFORM', `${wanted}; this is ${platform}`);
  if (arch !== 'x64' && arch !== 'arm64')
    throw new MultiprocessError('ERR_MP_PLATFORM', `${wanted}; this processor is ${arch}`);
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    throw new MultiprocessError('ERR_MP_PLATFORM', `${wanted}; this is Node.js ${versions.node}`);
  }
}

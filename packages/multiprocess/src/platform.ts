import { MultiprocessError } from './errors.ts';

const MINIMUM_NODE = [22, 18] as const;

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

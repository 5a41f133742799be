/** Segments by name: the native calls, with errors that say which segment and why. */
import { type ErrorCode, MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import { ensureKeeper } from './keeper.ts';

export interface Segment {
  name: string;
  buffer: ArrayBuffer;
}

/** Without a name, one like CPython's: `psm_` and 8 hex digits, another one as long as it is taken. */
export function createSegment(name: string | undefined, size: number): Segment {
  const keeper = ensureKeeper();
  for (;;) {
    const chosen = name ?? `psm_${native.randomBytes(4).toString('hex')}`;
    try {
      return { name: chosen, buffer: native.segmentCreate(chosen, size, keeper) };
    } catch (error) {
      if (name !== undefined || codeOf(error) !== 'EEXIST') throw explained(error, `cannot create segment '${chosen}'`);
    }
  }
}

export function openSegment(name: string): Segment {
  try {
    return { name, buffer: native.segmentOpen(name) };
  } catch (error) {
    throw explained(error, `cannot attach to segment '${name}'`);
  }
}

export function unlinkSegment(name: string): void {
  try {
    native.segmentUnlink(name);
  } catch (error) {
    throw explained(error, `cannot unlink segment '${name}'`);
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

const NO_SEGMENT = ['ERR_MP_BAD_HANDLE', 'it is no segment, or has no size yet'] as const;
const DENIED = ['ERR_MP_ACCESS', 'it belongs to another user, or /dev/shm may not be used'] as const;

const REASONS: Record<string, readonly [ErrorCode, string?]> = {
  EEXIST: ['ERR_MP_EXISTS', 'the name is taken'],
  ENOENT: ['ERR_MP_NOT_FOUND', 'there is none of that name'],
  EACCES: DENIED,
  EPERM: DENIED,
  EINVAL: NO_SEGMENT,
  EISDIR: NO_SEGMENT,
  ELOOP: NO_SEGMENT,
  ENXIO: NO_SEGMENT,
  EFBIG: ['ERR_MP_NO_MEMORY', 'RLIMIT_FSIZE (`ulimit -f`) is below its size'],
  ENOSPC: ['ERR_MP_NO_MEMORY', '/dev/shm has no room for it (in a container: --shm-size)'],
  EDQUOT: ['ERR_MP_NO_MEMORY'],
  ENOMEM: ['ERR_MP_NO_MEMORY'],
  EMFILE: ['ERR_MP_NO_MEMORY'],
  ENFILE: ['ERR_MP_NO_MEMORY'],
};

function explained(cause: unknown, what: string): MultiprocessError {
  const [code, why] = REASONS[codeOf(cause)] ?? ['ERR_MP_UNSUPPORTED'];
  return new MultiprocessError(code, `${what}: ${why ?? (cause as Error).message}`, { cause });
}

import { MultiprocessError } from '../errors.ts';

/**
 * Stands for an error of another process that could not be rebuilt here: its class could not be sent or loaded.
 * `remoteName`, `message` and `remoteStack` are those of the original.
 */
export class RemoteError extends MultiprocessError {
  readonly remoteName: string;
  readonly remoteStack: string;

  constructor(name: string, message: string, stack: string) {
    super('ERR_MP_REMOTE', message);
    this.remoteName = name;
    this.remoteStack = stack;
    Object.defineProperty(this, 'stack', { value: stack, writable: true, configurable: true });
  }

  static {
    RemoteError.prototype.name = 'RemoteError';
  }
}

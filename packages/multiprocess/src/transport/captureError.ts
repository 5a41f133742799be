import { MultiprocessError } from '../errors.ts';

/** `ERR_MP_CAPTURE`: something cannot be sent. `path` leads from what was to be sent to the culprit, one step each. */
export class CaptureError extends MultiprocessError {
  readonly path: string[];

  constructor(message: string, path: string[]) {
    super('ERR_MP_CAPTURE', message);
    this.path = path;
  }
}

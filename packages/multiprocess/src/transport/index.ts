import { MultiprocessError } from '../errors.ts';
import { CaptureError } from './captureError.ts';
import { registerKnown } from './handles.ts';
import { RemoteError } from './remoteError.ts';

export { CaptureError } from './captureError.ts';
export { isConstant } from './constant.ts';
export { hasImported, importFrom } from './decode/importer.ts';
export { type Delivery, delivering, onDelivery, prepareDelivery } from './delivery.ts';
export { type DumpsOptions, dumps, dumpsError } from './dumps.ts';
export { KnownTemplates } from './encode/templates.ts';
export { entryUrl, setEntry } from './entry.ts';
export {
  type Handle,
  reduce,
  registerHandle,
  registerKnown,
  registerSharedMemory,
  registerUnsendable,
  type SharedMemoryHandle,
  type Unsendable,
} from './handles.ts';
export { loads, loadsOwned, loadsSync, tryLoadsSync } from './loads.ts';
export { type LoadsErrorOptions, loadsError, tryLoadsErrorSync } from './loadsError.ts';
export { decodeFrom, decodeOwned, encodeInto, encodeParts, joined, scratch } from './messages.ts';
export { RemoteError } from './remoteError.ts';
export { resetBeforeFork, stepsToCapture, warmUp, warmUpDebugger } from './warmUp.ts';

registerKnown('MultiprocessError', MultiprocessError);
registerKnown('CaptureError', CaptureError);
registerKnown('RemoteError', RemoteError);

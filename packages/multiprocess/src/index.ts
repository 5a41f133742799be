export { type Context, getContext } from './context.ts';
export { CODES, type ErrorCode, MultiprocessError } from './errors.ts';
export {
  type ApplyOptions,
  type Initializer,
  type Inputs,
  type MapOptions,
  Pool,
  type PoolOptions,
  type PoolStats,
  type Progress,
  type ResultIterator,
  type Settled,
  type SettleOptions,
  WorkerDiedError,
} from './pool/index.ts';
export {
  activeChildren,
  type Call,
  cpuCount,
  currentProcess,
  getAllStartMethods,
  getStartMethod,
  isMainProcess,
  type ParentProcess,
  Process,
  type ProcessOptions,
  type ProcessSettings,
  parentProcess,
  processCpuCount,
  type StartMethod,
  setExecutable,
  setForkserverPreload,
  setStartMethod,
  type Target,
  type Waitable,
  wait,
  waitSync,
} from './process/index.ts';
export {
  ShareableList,
  type ShareableListOptions,
  type ShareableValue,
  SharedMemory,
  type SharedMemoryOptions,
} from './shared/index.ts';
export type { WaitOptions } from './timeout.ts';

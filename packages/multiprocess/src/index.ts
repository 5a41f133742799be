export { type Context, getContext } from './context.ts';
export { CODES, type ErrorCode, MultiprocessError } from './errors.ts';
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
export type { WaitOptions } from './timeout.ts';

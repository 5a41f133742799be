export { CODES, type ErrorCode, MultiprocessError } from './errors.ts';
export * from './process/index.ts';
export type { WaitOptions } from './timeout.ts';

/** The second door of this folder: for neighbours inside the library. */
export { ensureKeeper } from './keeper.ts';

/** The second door of this folder: for neighbours inside the library. */
export { ensureKeeper } from './keeper.ts';
export { unlinkSegment } from './segment.ts';

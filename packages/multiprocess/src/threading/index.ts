export { activeCount, currentThread, enumerate, getIdent, getNativeId, local, mainThread } from './current.ts';
export { Thread, type ThreadOptions, type ThreadSettings } from './thread.ts';
export { Timer } from './timer.ts';

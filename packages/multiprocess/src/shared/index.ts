export { ShareableList, type ShareableListOptions, type ShareableValue } from './shareable-list.ts';
export { SharedMemory, type SharedMemoryOptions } from './shared-memory.ts';

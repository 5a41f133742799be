/** What handles to the cells of values and arrays say (memory/handle.ts). */
export const KIND = 0x5601;

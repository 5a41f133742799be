/** It is no plain object, though it looks like one. To ask `process` for it costs as much as to write three numbers. */
export const { env } = process;

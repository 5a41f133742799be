/** Begins every script that the decoder compiles, so that the encoder can tell them from the file they are named after. */
export const COMPILED = '/*multiprocess*/';

/** Node's own modules, where an `import` says too little or does too much. */

/** Loaded when they are first used, which takes milliseconds: most programs never do. */
export const crypto = () => process.getBuiltinModule('node:crypto');
export const dnsPromises = () => process.getBuiltinModule('node:dns/promises');
export const fsPromises = () => process.getBuiltinModule('node:fs/promises');

/** What is loaded by now, as `NativeModule crypto`; it grows. */
export const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };

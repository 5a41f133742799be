/** Node's own modules, where an `import` says too little or does too much. */

/** `crypto`, loaded when it is first used, which takes milliseconds: most programs never do. */
export const crypto = () => process.getBuiltinModule('node:crypto');

/** What is loaded by now, as `NativeModule crypto`; it grows. */
export const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };

/** What transpilers put around `require`, by the name of their helper. */
export function unwrap(exports: any, wrapper: string | undefined): unknown {
  const helper = wrapper?.replace(/^.*\.|\)$/g, '');
  switch (helper) {
    case undefined:
      return exports;
    case '__importDefault':
    case '_interopRequireDefault':
      return exports?.__esModule ? exports : { default: exports };
    default:
      return exports?.__esModule ? exports : asNamespace(exports);
  }
}

/** `exports` of a CommonJS or builtin module as `import` shows it. */
export function asNamespace(exports: any): object {
  const namespace = Object.create(null);
  if ((typeof exports === 'object' && exports !== null) || typeof exports === 'function') {
    for (const key of Object.keys(exports))
      Object.defineProperty(namespace, key, { get: () => exports[key], enumerable: true, configurable: true });
  }
  Object.defineProperty(namespace, 'default', { value: exports, enumerable: true, configurable: true });
  return namespace;
}

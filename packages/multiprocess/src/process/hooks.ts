/** Module hooks that run in a thread of their own: a fork does not copy it, and every import in a child would hang. */
import nodeModule from 'node:module';

let registered: string | undefined;

/** Notices `module.register()` from here on. */
export function watchForHooks(): void {
  const { register } = nodeModule;
  if (!register) return;
  nodeModule.register = ((specifier: string | URL, ...rest: []) => {
    registered ??= String(specifier);
    return register(specifier, ...rest);
  }) as typeof register;
  nodeModule.syncBuiltinESMExports();
}

/** Why hooks speak against a fork; undefined when none were registered. */
export function registeredHook(): string | undefined {
  return (
    registered &&
    `module hooks run in a thread of their own (module.register of ${registered}), which a fork does not copy`
  );
}

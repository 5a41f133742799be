/** Which class a proxy gets. */
import { builtinTypes } from './builtin.ts';
import { BaseProxy, proxyClass } from './proxy.ts';
import type { ProxyClass } from './registry.ts';

/** Classes that programs have registered as `proxyType`: they travel with their proxies. */
const own = new WeakSet<Function>();

/** The class for a type: what the program registered, the library's, or one made of names. */
export function classFor(typeid: string, methods: readonly string[], registered?: ProxyClass): ProxyClass {
  const builtin = builtinTypes.get(typeid);
  if (registered && registered !== builtin?.proxyType) {
    own.add(registered);
    return proxyClass(typeid, methods, registered);
  }
  if (builtin?.proxyType && builtin.exposed!.join() === methods.join()) return builtin.proxyType;
  return proxyClass(typeid, methods);
}

/** The class of this proxy that the program registered, if there is one. */
export function ownClass(proxy: BaseProxy): ProxyClass | undefined {
  for (let p = Object.getPrototypeOf(proxy); p !== BaseProxy.prototype; p = Object.getPrototypeOf(p)) {
    if (own.has(p.constructor)) return p.constructor;
  }
  return undefined;
}

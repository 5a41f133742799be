/**
 * Proxies in messages: the name of the object, and how to reach its manager. Who sends a proxy has the manager keep the object for a
 * while; who receives it takes a lease of his own. Between a client and the manager itself neither is needed:
 *
 * | from → to          | lease                                                           |
 * |--------------------|-----------------------------------------------------------------|
 * | client → client    | sender: `keep`, in order before it could `drop`; receiver: `lease` |
 * | client → manager   | none: the entry itself stands in what receives it                 |
 * | manager → client   | made for the client before the message goes                       |
 */
import { MultiprocessError } from '../errors.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { classFor, ownClass } from './classes.ts';
import { linkTo, type Reach } from './links.ts';
import { localServer } from './local.ts';
import { currentPartner } from './partner.ts';
import { BaseProxy, open, type Referent } from './proxy.ts';
import type { ProxyClass } from './registry.ts';

interface Packed {
  manager: string;
  ident: string;
  typeid: string;
  methods: readonly string[];
  /** A class of the program's own. */
  Class?: ProxyClass | undefined;
  reach?: Reach | undefined;
  leased: boolean;
}

/** A referent that can tell others how to reach it. */
export interface SendableReferent extends Referent {
  /** For a client elsewhere; the manager keeps the object meanwhile. */
  reach(): Reach;
}

registerHandle<BaseProxy, Packed>(BaseProxy, {
  tag: 'ManagerProxy',
  pack(proxy) {
    const referent = open(proxy) as SendableReferent;
    const { manager, ident, typeid, methods } = referent;
    const partner = currentPartner();
    const isKnown = partner?.manager === manager;
    if (isKnown) partner.lease?.(ident);
    const packed: Packed = { manager, ident, typeid, methods, leased: isKnown && partner.lease !== undefined };
    const Class = ownClass(proxy);
    if (Class) packed.Class = Class;
    if (!isKnown) packed.reach = referent.reach();
    return packed;
  },
  unpack({ manager, ident, typeid, methods, Class, reach, leased }) {
    const ProxyType = classFor(typeid, methods, Class);
    const local = localServer(manager);
    if (local) return new ProxyType(local.referent(ident, leased));
    const link = linkTo(manager, reach);
    if (!link)
      throw new MultiprocessError('ERR_MP_BAD_HANDLE', 'a proxy came here for a manager that is not known here');
    return new ProxyType(link.referent(ident, typeid, methods, leased));
  },
});
registerKnown('BaseProxy', BaseProxy);

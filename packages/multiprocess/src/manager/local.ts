/** The managers that run in this process. */
import type { SendableReferent } from './travel.ts';

interface LocalServer {
  /** Of an object that lives here. `leased`: a lease was made for whoever unpacks this, which is not needed. */
  referent(ident: string, leased: boolean): SendableReferent;
}

const servers = new Map<string, LocalServer>();

export function localServer(manager: string): LocalServer | undefined {
  return servers.get(manager);
}

export function addLocalServer(manager: string, server: LocalServer): () => void {
  servers.set(manager, server);
  return () => void servers.delete(manager);
}

/** The links of this thread: one for each manager. */
import { MultiprocessError } from '../errors.ts';
import { isLiving, selfSlot, slotOf, table } from '../memory/index.ts';
import { Pipe, type PipeConnection, type SimpleQueue } from '../queue/index.ts';
import { Link } from './link.ts';

/** How a manager is reached, by whoever gets one of its proxies. */
export interface Reach {
  /** In the same realm: where clients leave their end of a pipe. */
  door?: SimpleQueue<Knock>;
  /** Identity of the manager's process in the realm. */
  server?: number;
}

/** What a client leaves at the door. */
export interface Knock {
  end: PipeConnection;
  name: string;
  /** Slot of the client: references to shared objects in answers are made for it. */
  slot: number;
}

const links = new Map<string, Link>();
let linksOf = -1;

/** The link to a manager; made now if there is none, for which nobody need be waited for. Undefined: it is not known. */
export function linkTo(manager: string, reach: Reach | undefined): Link | undefined {
  const known = knownLink(manager);
  if (known || !reach) return known;
  if (!reach.door) {
    throw new MultiprocessError(
      'ERR_MP_UNSUPPORTED',
      'a proxy came here for a manager on another machine, which this process is not connected to: call connect() here first',
    );
  }
  return knockAt(manager, reach as Required<Reach>);
}

export function knownLink(manager: string): Link | undefined {
  if (linksOf !== selfSlot()) links.clear();
  linksOf = selfSlot();
  return links.get(manager);
}

export function addLink(link: Link): void {
  links.set(link.manager, link);
}

export function forgetLink(manager: string, error: MultiprocessError): void {
  links.get(manager)?.close(error);
  links.delete(manager);
}

function knockAt(manager: string, reach: Required<Reach>): Link {
  const [here, there] = Pipe();
  const slot = selfSlot();
  reach.door.putSync({ end: there, name: table.name(slot), slot });
  there.close(); // the door has it
  const link = new Link(here, {
    manager,
    reach,
    slot: slotOf(reach.server),
    isAlive: () => isLiving(reach.server, true),
  });
  addLink(link);
  return link;
}

/** A descriptor that is shared with the receivers of messages: each gets a copy of its own, the sender keeps its one. */
import { native } from '../native.ts';
import { onDelivery, registerHandle } from '../transport/index.ts';
import { drop, keep, type Ticket, take } from './flight.ts';

export class Descriptor {
  /** -1 once it is closed. */
  fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  close(): void {
    if (this.fd >= 0) native.fdClose(this.fd);
    this.fd = -1;
  }
}

registerHandle<Descriptor, Ticket>(Descriptor, {
  tag: 'Descriptor',
  pack({ fd }) {
    const ticket = keep(fd);
    onDelivery({ sent: () => {}, refused: () => drop(ticket) });
    return ticket;
  },
  unpack: (ticket) => new Descriptor(take(ticket, 'descriptor')),
});

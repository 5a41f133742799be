/** Who will read the message that is being encoded, if that is known. */

export interface Partner {
  /** Names the manager that reads it, or whose client does. */
  manager: string;
  /** In the manager: leases the object to that client. */
  lease?(ident: string): void;
}

let partner: Partner | undefined;

export const currentPartner = (): Partner | undefined => partner;

/** `body` encodes a message for a client of the manager, or for the manager itself. */
export function encodingFor<T>(one: Partner, body: () => T): T {
  const before = partner;
  partner = one;
  try {
    return body();
  } finally {
    partner = before;
  }
}

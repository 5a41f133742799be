/**
 * Things that leave their sender. A lock is shared with its receiver, data is copied; a socket moves: its sender may only let
 * go of it when the message is on its way, and must keep it when the message is refused.
 *
 * | when                                   | what a handle's `pack` does, or has done by its parcel           |
 * |----------------------------------------|------------------------------------------------------------------|
 * | the message is being made              | `pack`: makes sure that the thing survives its sender; `onDelivery` |
 * | it has been handed over                | `sent()`: the sender's copy goes                                 |
 * | it was refused, or could not be handed over | `refused()`: the sender's copy is as it was before          |
 */

/** One thing on its way. Neither function may throw. */
export interface Parcel {
  sent(): void;
  refused(): void;
}

/** A message that is made, and not handed over yet. Call one of its functions, once. */
export interface Delivery<T> extends Parcel {
  readonly value: T;
}

let collecting: Parcel[] | undefined;

/** To be called by `pack`, for what moves. */
export function onDelivery(parcel: Parcel): void {
  collecting!.push(parcel);
}

/**
 * Runs `body`, which makes a message and hands it over. When it returns, what moves is gone from here; when it throws,
 * everything is as it was. Inside another one, the message counts as handed over when the outer one's is.
 */
export function delivering<T>(body: () => T): T {
  if (collecting) return collect(collecting, body);
  const { value, sent } = prepareDelivery(body);
  sent();
  return value;
}

/** The same where handing over takes longer, or may fail without an error: for queues and the like. */
export function prepareDelivery<T>(make: () => T): Delivery<T> {
  const outer = collecting;
  const parcels: Parcel[] = [];
  collecting = parcels;
  try {
    const value = collect(parcels, make);
    return {
      value,
      sent() {
        for (const parcel of parcels) parcel.sent();
      },
      refused() {
        for (const parcel of parcels) parcel.refused();
      },
    };
  } finally {
    collecting = outer;
  }
}

/** What `body` has added is taken back when it throws: a message inside may fail without failing the whole. */
function collect<T>(parcels: Parcel[], body: () => T): T {
  const before = parcels.length;
  try {
    return body();
  } catch (error) {
    for (const parcel of parcels.splice(before)) parcel.refused();
    throw error;
  }
}

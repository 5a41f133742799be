// Descriptors in flight: an open socket on its way from one process of the realm to another.
//
// A descriptor travels beside a message, not in it, and the message may wait in a queue while its sender ends. So whoever
// sends one leaves a copy with the broker, under a ticket that travels in the message; the receiver gives the ticket and
// gets the descriptor. The broker is a part of the keeper (segment/keeper.h), which lives as long as the realm.
//
//   sender                       broker                              receiver
//   connect ───────────────────▶ accept
//   keep, ticket, descriptor ──▶ entry {ticket, descriptor}
//           ◀── 0 ────────────── …                                   (the message arrives)
//   closes its own copy          …                        ◀───────── connect
//                                …                        ◀───────── take, ticket
//                                entry gone ── 0, descriptor ──────▶
//
// A connection carries one request and one answer. A ticket is good once.
//
//   who dies                     what is left
//   sender, before the answer    an entry that nobody asks for, if the request was complete (see below)
//   sender, after the answer     nothing is lost: the entry waits
//   receiver, before `take`      an entry for a slot that has ended: dropped within kLookMs
//   receiver, before the answer  the descriptor lies in a socket that nobody reads: closed with that
//   broker                       what it held is closed. `keep` starts another one; `take` gets ECONNREFUSED
//   the realm                    the broker goes, with all that it holds
//
// An entry whose receiver is not known when it is made (a queue's) is dropped when it is taken, or with the realm.
#pragma once
#include <cstddef>
#include <cstdint>

#include "socket/address.h"

namespace mp {

// Names a descriptor in flight: whom to ask, and for what. Nobody can guess it.
struct Ticket {
  uint64_t broker;  // the number in the broker's address, from Header::broker
  uint8_t secret[16];
};
static_assert(sizeof(Ticket) == 24);

enum DescriptorCommand : uint32_t {
  kKeep = 1,  // with a descriptor: keep it
  kTake = 2,  // answered with the descriptor
  kDrop = 3,  // close it: the message will not be sent
};

// What a request says; the answer is an errno in 4 bytes, 0: it went well. ENOENT: no such ticket (any more).
struct DescriptorRequest {
  uint32_t command;
  uint32_t receiver;    // keep: slot of the receiver, or kNoSlot
  uint32_t generation;  // of that slot: another user of it is somebody else
  uint32_t reserved;
  Ticket ticket;
};
static_assert(sizeof(DescriptorRequest) == 40);

AbstractAddress brokerAddress(uint32_t realmId, uint64_t number);

}  // namespace mp

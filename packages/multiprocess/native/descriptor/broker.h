// The broker's side of descriptor.h. One thread, no blocking call but poll: a client that stops half-way holds nobody up.
#pragma once
#include <poll.h>

#include "descriptor/descriptor.h"

namespace mp {

// Only ever grows: what it takes is what was in flight at once.
template <typename T>
struct Growing {
  T* items = nullptr;
  size_t count = 0, room = 0;
  T* add();  // null: no memory
  void removeAt(size_t index) { items[index] = items[--count]; }
};

class Broker {
 public:
  // Listens under an address of its own, and makes it public (Header::broker). False: this system does not let it.
  bool open();

  // Serves until `end` is readable, or `timeoutMs` has passed (-1: for ever). `end` may be -1: nothing to wait for.
  void serve(int end, int timeoutMs);

 private:
  struct Entry {
    Ticket ticket;
    int fd;
    uint32_t receiver, generation;
  };

  void admit();
  void answer(int client);
  int handle(const DescriptorRequest& request, int& fd);
  void dropForTheDead();
  Entry* find(const Ticket& ticket);
  void forget(Entry* entry) { entries_.removeAt(static_cast<size_t>(entry - entries_.items)); }

  int listener_ = -1;
  uint64_t number_ = 0;
  bool isWaiting_ = false;  // some entry has a known receiver, which may end
  Growing<Entry> entries_;
  Growing<int> clients_;
  Growing<pollfd> polled_;
};

}  // namespace mp

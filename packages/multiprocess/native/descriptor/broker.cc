#include "descriptor/broker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "descriptor/message.h"
#include "process/process.h"
#include "segment/end.h"
#include "shm/realm.h"

namespace mp {
namespace {

constexpr int kLookMs = 100;        // how often it looks whether receivers have ended
constexpr size_t kMostClients = 64;  // the others wait in the listener's backlog
constexpr int kBacklog = 1024;

int64_t nowMs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Every descriptor in flight is one of ours.
void raiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The same user; or a member that has changed its user since the broker was started.
bool mayAsk(int client) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return false;
  if (peer.uid == geteuid()) return true;
  for (uint32_t i = 0, used = header().slotHighWater.load(); i < used; i++) {
    const Slot& s = slot(i);
    if (isMember(s) && s.pid.load() == peer.pid) return startTimeOf(peer.pid) == s.startTime.load();
  }
  return false;
}

}  // namespace

template <typename T>
T* Growing<T>::add() {
  if (count == room) {
    size_t more = room == 0 ? 16 : room * 2;
    auto* moved = static_cast<T*>(realloc(items, more * sizeof(T)));
    if (!moved) return nullptr;
    items = moved;
    room = more;
  }
  return &items[count++];
}

bool Broker::open() {
  if (getrandom(&number_, sizeof number_, 0) != sizeof number_) return false;
  listener_ = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) return false;
  AbstractAddress address = brokerAddress(header().realmId, number_);
  if (bind(listener_, address.any(), address.size) < 0 || listen(listener_, kBacklog) < 0) {
    close(listener_);
    listener_ = -1;
    return false;
  }
  raiseDescriptorLimit();
  header().broker.store(number_);
  return true;
}

void Broker::serve(int end, int timeoutMs) {
  int64_t deadline = timeoutMs < 0 ? INT64_MAX : nowMs() + timeoutMs;
  for (;;) {
    polled_.count = 0;
    auto poll = [this](int fd) {
      if (pollfd* entry = polled_.add()) *entry = {fd, POLLIN, 0};
    };
    poll(end);  // poll(2) ignores a descriptor below 0
    poll(clients_.count < kMostClients ? listener_ : -1);
    for (size_t i = 0; i < clients_.count; i++) poll(clients_.items[i]);
    int64_t left = deadline == INT64_MAX ? -1 : deadline - nowMs();
    if (left < 0 && deadline != INT64_MAX) return;
    if (isWaiting_ && (left < 0 || left > kLookMs)) left = kLookMs;
    int ready = ::poll(polled_.items, polled_.count, static_cast<int>(left));
    if (ready < 0) continue;  // EINTR: the entries say nothing
    for (size_t i = polled_.count; i-- > 2;) {  // from the end: an answered client makes place for the last one
      if (polled_.items[i].revents) {
        answer(clients_.items[i - 2]);
        clients_.removeAt(i - 2);
      }
    }
    if (polled_.items[1].revents) admit();
    dropForTheDead();
    if (polled_.items[0].revents) return;
  }
}

void Broker::admit() {
  while (clients_.count < kMostClients) {
    int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    int* place = mayAsk(client) ? clients_.add() : nullptr;
    if (place) *place = client;
    else close(client);
  }
}

void Broker::answer(int client) {
  DescriptorRequest request{};
  int fd = -1;
  int error = receiveWithDescriptor(client, &request, sizeof request, fd, MSG_DONTWAIT);
  if (error == 0) error = handle(request, fd);
  bool isTaken = error == 0 && request.command == kTake;
  sendWithDescriptor(client, &error, sizeof error, isTaken ? fd : -1, MSG_DONTWAIT);
  if (fd >= 0) close(fd);
  close(client);
}

// `fd` is the descriptor that came, and becomes the one to give; what is left in it is closed.
int Broker::handle(const DescriptorRequest& request, int& fd) {
  if (request.ticket.broker != number_) return ENOENT;
  Entry* entry = find(request.ticket);
  if (request.command == kKeep) {
    if (entry || fd < 0) return EPROTO;
    entry = entries_.add();
    if (!entry) return ENOMEM;
    *entry = {request.ticket, fd, request.receiver, request.generation};
    if (request.receiver < kSlotCount) isWaiting_ = true;
    fd = -1;
    return 0;
  }
  if (!entry) return ENOENT;
  if (fd >= 0) close(fd);
  fd = entry->fd;
  forget(entry);
  return 0;
}

Broker::Entry* Broker::find(const Ticket& ticket) {
  for (size_t i = 0; i < entries_.count; i++) {
    if (memcmp(&entries_.items[i].ticket, &ticket, sizeof ticket) == 0) return &entries_.items[i];
  }
  return nullptr;
}

// Closing tells the other end of the connection that nobody will ever answer.
void Broker::dropForTheDead() {
  if (!isWaiting_) return;
  isWaiting_ = false;
  for (size_t i = entries_.count; i-- > 0;) {
    Entry& entry = entries_.items[i];
    if (entry.receiver >= kSlotCount) continue;
    const Slot& s = slot(entry.receiver);
    uint32_t state = s.state.load();
    bool lives = s.generation.load() == entry.generation && state != kFree && state != kEnded && state != kFailed;
    if (lives) {
      isWaiting_ = true;
    } else {
      close(entry.fd);
      entries_.removeAt(i);
    }
  }
}

}  // namespace mp

// One message over a Unix socket, with at most one descriptor beside it.
#pragma once
#include <cstddef>

namespace mp {

// An errno; 0: sent. `descriptor` -1: none.
int sendWithDescriptor(int socket, const void* data, size_t size, int descriptor, int flags);

// An errno; 0: exactly `size` bytes have come, and `descriptor`, close-on-exec, or -1. EMFILE: there was one, and no room for
// it here; ECONNRESET: the other end is closed.
int receiveWithDescriptor(int socket, void* data, size_t size, int& descriptor, int flags);

}  // namespace mp

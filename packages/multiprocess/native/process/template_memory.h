// The zygote's memory, made cheap to fork.
#pragma once

namespace mp {

// Before each fork after which the zygote goes on to run JavaScript: these forks are dear, and work.
void allowMemoryInForks();

// Once, right before the first fork of the loop; nothing of V8's may run in the zygote from then on.
void prepareMemoryForForks();

}  // namespace mp

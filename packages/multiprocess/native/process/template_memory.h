// The zygote's memory, made cheap to fork.
#pragma once

namespace mp {

// Once, right before the first fork; nothing of V8's may run in the zygote from then on.
void prepareMemoryForForks();

}  // namespace mp

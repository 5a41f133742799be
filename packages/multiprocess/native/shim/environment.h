// Keeps the shim from programs that the zygote or its children execute.
#pragma once

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

namespace mp::shim {

// Takes this library out of LD_PRELOAD and leaves what else is there.
inline void leave_environment() {
  Dl_info self;
  char* list = getenv("LD_PRELOAD");
  if (list == nullptr || dladdr(reinterpret_cast<void*>(leave_environment), &self) == 0) return;
  char* rest = static_cast<char*>(calloc(1, strlen(list) + 1));
  char* copy = strdup(list);
  if (rest == nullptr || copy == nullptr) return;
  char* state = nullptr;
  for (char* entry = strtok_r(copy, ": ", &state); entry != nullptr; entry = strtok_r(nullptr, ": ", &state)) {
    if (strcmp(entry, self.dli_fname) == 0) continue;
    if (*rest != '\0') strcat(rest, ":");
    strcat(rest, entry);
  }
  *rest == '\0' ? unsetenv("LD_PRELOAD") : setenv("LD_PRELOAD", rest, 1);
  free(copy);
  free(rest);
}

}  // namespace mp::shim

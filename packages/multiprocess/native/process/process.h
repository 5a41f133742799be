// Processes: start them, watch them, reap them. What a death means for others is decided from the flags in their slots.
#pragma once
#include <sys/types.h>

#include <cstdint>

#include "layout.h"
#include "napi.h"

namespace mp {

// Start time of a process in clock ticks after boot (field 22 of /proc/PID/stat); 0 when there is no such process, or
// only its zombie. A pid together with its start time names one process for ever.
uint64_t startTimeOf(pid_t pid);

// A pidfd of exactly this process; -1 when it has ended (errno ESRCH) or on another error.
int openProcess(pid_t pid, uint64_t startTime);

// Exit code, or minus the signal, from a wait(2) status.
int exitStatusOf(int waitStatus);

// Exit status of a process that is not our child, once its pidfd is readable: by the kernel's own record (Linux 6.15),
// else as it wrote it down on leaving, else as we signalled it, else 255, as CPython reports a lost child.
int exitStatusOfStranger(int pidfd, const Slot& slot);

// Makes an end public: status, then state, then everybody who waits. The slot is freed where no parent is left to read it.
void publishEnd(uint32_t index, int exitStatus);

// Where an orphaned slot has no parent any more.
inline bool isOrphan(const Slot& slot) { return slot.parent == kNoSlot; }

extern const Export kProcessExports[20];

napi_value FdUnwatch(napi_env env, napi_callback_info info);
napi_value FdWatch(napi_env env, napi_callback_info info);
napi_value ZygoteServe(napi_env env, napi_callback_info info);
napi_value ZygoteTurn(napi_env env, napi_callback_info info);
napi_value ProcessSpawn(napi_env env, napi_callback_info info);
napi_value ProcessReap(napi_env env, napi_callback_info info);
napi_value ProcessWatchParent(napi_env env, napi_callback_info info);

}  // namespace mp

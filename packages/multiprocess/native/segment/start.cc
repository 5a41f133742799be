// Starting the keeper.
#include <errno.h>
#include <sys/wait.h>

#include "process/spawn.h"
#include "segment/keeper.h"
#include "shm/realm.h"

namespace mp {

int startKeeper(const std::string& path, uint32_t slot) {
  HighCopy realm(realmFd);
  if (realm.fd < 0) return errno;
  FileActions actions;
  posix_spawn_file_actions_addopen(&actions.value, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions.value, 0, 1);
  posix_spawn_file_actions_adddup2(&actions.value, 0, 2);
  posix_spawn_file_actions_adddup2(&actions.value, realm.fd, 3);
  Attributes attributes(true);
  std::string name = "mpkeeper", number = std::to_string(slot);
  char* argv[] = {name.data(), number.data(), nullptr};
  char* environment[] = {nullptr};
  pid_t pid = 0;
  if (int error = posix_spawn(&pid, path.c_str(), &actions.value, &attributes.value, argv, environment)) return error;
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno == ECHILD) return 0;  // SIGCHLD is ignored here, or somebody reaps all children: then it has ended, too
    if (errno != EINTR) return errno;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

}  // namespace mp

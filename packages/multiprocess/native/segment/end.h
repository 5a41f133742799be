// The end of a realm, as far as files are concerned: who is left, and what is to be removed.
#pragma once
#include <stdint.h>
#include <sys/stat.h>

#include "layout.h"

namespace mp {

// Whether the slot is that of a process that may use them; it need not live any more.
bool isMember(const Slot& slot);

// Removes a file; a folder with the socket in it. An errno; 0: it went well.
int removeFile(const char* path, const struct stat& file);

// Removes what is on the list of this keeper's slot, where the path still means the same file.
void removeKeptFiles(uint32_t keeper);

// From now on, when this process leaves by exit(3) as the last member, the files are gone before it is: whoever starts
// the program again at once finds the names free. In all other cases the keeper comes a few milliseconds later.
void removeKeptFilesAtExit();

}  // namespace mp

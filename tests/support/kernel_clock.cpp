// A library to be preloaded into the real tolld: the kernel says of its clock what the file
// TOLL_KERNEL_CLOCK says, `synchronised` or anything else; `refused`: nobody may ask.
#include <sys/timex.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

extern "C" int adjtimex(timex* read) {
  const char* path = std::getenv("TOLL_KERNEL_CLOCK");
  std::string said;
  if (path) std::ifstream(path) >> said;
  if (said == "refused") {
    errno = EPERM;
    return -1;
  }
  const bool synchronised = said == "synchronised";
  *read = {};
  read->maxerror = synchronised ? 1'000 : 16'000'000;
  read->status = synchronised ? 0 : STA_UNSYNC;
  return synchronised ? TIME_OK : TIME_ERROR;
}

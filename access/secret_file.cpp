#include "access/secret_file.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>

#include <cstdio>

#include "access/shell_word.hpp"

namespace toll::access {

std::optional<std::string> exposed(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  // As root's file it is given to a group on purpose; whose own it is may share it by mistake.
  const bool of_root = file.st_uid == 0;
  const mode_t allowed = of_root ? 0750 : 0700;
  if ((file.st_mode & 0777 & ~allowed) == 0) return std::nullopt;
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(file.st_mode & 0777));
  return path + " holds a secret and has mode " + mode + ", so that others can read it: chmod " +
         (of_root ? "u=rw,g=r,o= " : "u=rw,go= ") + shell_word(path) +
         " mends that (where a mount gives the modes, as in Kubernetes: --secrets-from-mount)";
}

void keep_files_private() { ::umask(S_IRWXG | S_IRWXO); }

void keep_memory_private() { ::prctl(PR_SET_DUMPABLE, 0); }

}  // namespace toll::access

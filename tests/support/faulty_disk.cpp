// A library to be preloaded into the real tolld: one call of one kind fails, the others work. So a
// sync that is tried again would succeed, and a test would see that it was.
//
// TOLL_FAULT is CALL:FILE:N: the N-th `sync` or `write` of files, or `sync_directory` of
// directories, whose path contains FILE. A failing write leaves half of its bytes behind, as a full
// disk does. `full` is a write that fails, and all that come after it. It says so on standard
// error. `kill` ends the process before the write. `slow` is no fault: each sync takes N ms more.
#include <dlfcn.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

struct Fault {
  std::string call;
  std::string file;
  long n = 0;

  Fault() {
    const char* spec = std::getenv("TOLL_FAULT");
    if (!spec) return;
    const std::string text(spec);
    const auto first = text.find(':');
    const auto last = text.rfind(':');
    call = text.substr(0, first);
    file = text.substr(first + 1, last - first - 1);
    n = std::stol(text.substr(last + 1));
  }
};

std::string path_of(int fd) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return size < 0 ? "" : std::string(path, static_cast<std::size_t>(size));
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

const Fault& fault() {
  static const Fault said;
  return said;
}

bool concerns(int fd) { return path_of(fd).find(fault().file) != std::string::npos; }

bool fails(const char* call, int fd) {
  static std::atomic<long> calls{0};
  const bool full = fault().call == "full", kill = fault().call == "kill";
  if (call != (full || kill ? "write" : fault().call) || !concerns(fd)) return false;
  const long n = ++calls;
  if (full && n > fault().n) return true;
  if (n != fault().n) return false;
  if (kill) ::kill(::getpid(), SIGKILL);
  const std::string said = "fault injected\n";
  static const auto real = next<ssize_t (*)(int, const void*, std::size_t)>("write");
  real(2, said.data(), said.size());
  return true;
}

bool is_directory(int fd) {
  struct stat found;
  return ::fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
}

int sync_with(const char* name, int fd) {
  if (fault().call == "slow" && concerns(fd)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(fault().n));
  }
  if (fails("sync", fd) || (is_directory(fd) && fails("sync_directory", fd))) {
    errno = EIO;
    return -1;
  }
  return next<int (*)(int)>(name)(fd);
}

}  // namespace

extern "C" {

int fsync(int fd) { return sync_with("fsync", fd); }
int fdatasync(int fd) { return sync_with("fdatasync", fd); }

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, std::size_t)>("write");
  if (!fails("write", fd)) return real(fd, bytes, size);
  (void)!real(fd, bytes, size / 2);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, std::size_t, off_t)>("pwrite");
  if (!fails("write", fd)) return real(fd, bytes, size, at);
  (void)!real(fd, bytes, size / 2, at);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off_t at) {
  return pwrite(fd, bytes, size, at);
}

}  // extern "C"

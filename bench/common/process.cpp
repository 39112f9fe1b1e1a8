#include "bench/common/process.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace toll::bench {

namespace {

double seconds(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) throw std::runtime_error("the CPU clock cannot be read");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The number behind `name` in a file of `NAME: NUMBER` lines.
std::int64_t number(const std::string& file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1));
  }
  throw std::runtime_error(file + " has no " + name);
}

}  // namespace

Usage usage_of(pid_t pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) != 0) throw std::runtime_error("no such process");
  const std::string folder = "/proc/" + (pid ? std::to_string(pid) : "self");
  return {seconds(clock), number(folder + "/io", "write_bytes"),
          1024 * number(folder + "/status", "VmRSS")};
}

double thread_cpu_s() { return seconds(CLOCK_THREAD_CPUTIME_ID); }

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& parent) {
  const auto folder = parent.empty() ? std::filesystem::temp_directory_path() : parent;
  std::string name = (folder / "toll-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory in " + name);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

double fsync_us(const std::filesystem::path& directory) {
  constexpr std::size_t record = 256, syncs = 201;
  const std::string name = (directory / "fsync").string();
  const int file = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot write in " + directory.string());
  // As RocksDB does it: the blocks are there before they are needed.
  fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 1 << 20);
  const std::array<char, record> bytes{};
  std::vector<double> took;
  for (std::size_t i = 0; i < syncs; ++i) {
    const auto began = std::chrono::steady_clock::now();
    const bool done = write(file, bytes.data(), record) == record && fdatasync(file) == 0;
    if (!done) throw std::runtime_error("cannot sync in " + directory.string());
    took.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began)
            .count());
  }
  close(file);
  std::filesystem::remove(name);
  std::nth_element(took.begin(), took.begin() + syncs / 2, took.end());
  return took[syncs / 2];
}

}  // namespace toll::bench

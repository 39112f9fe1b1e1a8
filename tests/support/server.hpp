// The real tolld as a child process on a data directory of its own; ended by its pid.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace toll::test {

/// A new directory under the system's temporary one, removed with everything in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// What a program did that ended by itself.
struct Finished {
  int status = 0;  ///< exit status, or 128 + signal
  std::string output;
  std::string errors;
};

/// Runs a program to its end; kills it and throws std::runtime_error after the timeout.
Finished run(const std::vector<std::string>& command,
             std::chrono::seconds timeout = std::chrono::seconds(120));

/// Writes the text to a file and gives its path.
std::string write_file(const std::filesystem::path& path, const std::string& text);

class Server {
 public:
  /// Starts tolld on `data` with `--auth off` and a free port, and returns once it says that it
  /// listens. Throws std::runtime_error with its errors if it ends instead.
  explicit Server(std::filesystem::path data, std::vector<std::string> options = {},
                  bool auth_off = true);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }

  /// Sends the signal and waits: the exit status, or 128 + the signal that ended it. Throws if it
  /// has not ended within the timeout.
  int stop(int signal, std::chrono::milliseconds timeout = std::chrono::seconds(20));
  void signal(int signal) const;
  int wait(std::chrono::milliseconds timeout = std::chrono::seconds(20));

  /// What it logged to standard error so far.
  std::string errors() const;

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  int out_ = -1;
  TempDir log_;
};

/// Paths of the programs under test: in TOLL_PROGRAMS, if that is set.
std::string tolld_path();
std::string tollctl_path();

}  // namespace toll::test

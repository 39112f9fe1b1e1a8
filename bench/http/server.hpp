// The real tolld as a child process on a directory of its own; ended by its pid.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace toll::bench {

class Server {
 public:
  /// Starts it on a free port, without tokens, and returns once it says that it listens. Throws
  /// std::runtime_error if it ends instead.
  Server(const std::string& program, const std::filesystem::path& data,
         const std::vector<std::string>& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }

  /// SIGTERM, and waits. Throws if its exit status is not 0.
  void stop();
  /// SIGKILL, and waits.
  void kill();

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

/// Runs a program to its end. Throws if its exit status is not 0.
void run_program(const std::vector<std::string>& command);

}  // namespace toll::bench

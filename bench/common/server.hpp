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

  /// The body of what it answers, 200, on a connection made for this. Throws otherwise.
  std::string get(const std::string& target) const;

  /// SIGTERM, and waits. Throws if its exit status is not 0.
  void stop();
  /// SIGKILL, and waits.
  void kill();

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

/// The options with a policy: this JSON, written to a file in the folder.
std::vector<std::string> with_policy(std::vector<std::string> options,
                                     const std::filesystem::path& folder, const std::string& json);

/// A connected socket. Throws std::runtime_error when nobody listens there on 127.0.0.1.
int connect_to(std::uint16_t port);

/// The value of a figure without labels in what /metrics answers. Throws when it is not there.
std::int64_t metric(const std::string& metrics, const std::string& name);

/// Runs a program to its end, and gives its status as waitpid() does.
int run_to_end(const std::vector<std::string>& command);

/// The same. Throws if its exit status is not 0.
void run_program(const std::vector<std::string>& command);

}  // namespace toll::bench

#include "bench/http/server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

extern char** environ;

namespace toll::bench {

namespace {

pid_t spawn(const std::vector<std::string>& command, int output) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (output >= 0) {
    posix_spawn_file_actions_adddup2(&actions, output, 1);
  } else {
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid = -1;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + command[0]);
  return pid;
}

int reap(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

std::string read_line(int file) {
  std::string line;
  for (char c = 0; read(file, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

}  // namespace

Server::Server(const std::string& program, const std::filesystem::path& data,
               const std::vector<std::string>& options) {
  std::vector<std::string> command{program,  "--data", data.string(), "--listen", "127.0.0.1:0",
                                   "--auth", "off",    "--log-level", "warn"};
  command.insert(command.end(), options.begin(), options.end());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = spawn(command, ends[1]);
  close(ends[1]);
  const std::string line = read_line(ends[0]);
  close(ends[0]);
  const std::string expected = "listening on 127.0.0.1:";
  if (!line.starts_with(expected)) {
    reap(pid_);
    throw std::runtime_error("tolld did not start");
  }
  port_ = static_cast<std::uint16_t>(std::stoi(line.substr(expected.size())));
}

Server::~Server() {
  if (pid_ > 0) kill();
}

void Server::stop() {
  ::kill(pid_, SIGTERM);
  const int status = reap(std::exchange(pid_, -1));
  if (status != 0) throw std::runtime_error("tolld ended with status " + std::to_string(status));
}

void Server::kill() {
  ::kill(pid_, SIGKILL);
  reap(std::exchange(pid_, -1));
}

void run_program(const std::vector<std::string>& command) {
  const int status = reap(spawn(command, -1));
  if (status != 0) throw std::runtime_error(command[0] + " ended with " + std::to_string(status));
}

}  // namespace toll::bench

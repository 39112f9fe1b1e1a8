#include "bench/common/server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
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

std::vector<std::string> with_policy(std::vector<std::string> options,
                                     const std::filesystem::path& folder, const std::string& json) {
  const std::string file = (folder / "policy.json").string();
  std::ofstream(file) << json;
  options.insert(options.end(), {"--policy", file});
  return options;
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket);
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
  return socket;
}

std::int64_t metric(const std::string& metrics, const std::string& name) {
  const std::size_t at = metrics.find("\n" + name + " ");
  if (at == std::string::npos) throw std::runtime_error("/metrics has no " + name);
  return static_cast<std::int64_t>(std::stod(metrics.substr(at + name.size() + 2, 40)));
}

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

std::string Server::get(const std::string& target) const {
  const int socket = connect_to(port_);
  const std::string request =
      "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  std::string answer;
  std::array<char, 4096> buffer;
  ssize_t bytes = send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  while (bytes > 0) {
    bytes = recv(socket, buffer.data(), buffer.size(), 0);
    if (bytes > 0) answer.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  close(socket);
  const std::size_t head = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 200") || head == std::string::npos) {
    throw std::runtime_error("no answer to GET " + target);
  }
  return answer.substr(head + 4);
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

int run_to_end(const std::vector<std::string>& command) { return reap(spawn(command, -1)); }

void run_program(const std::vector<std::string>& command) {
  const int status = run_to_end(command);
  if (status != 0) throw std::runtime_error(command[0] + " ended with " + std::to_string(status));
}

}  // namespace toll::bench

#include "tests/support/server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace toll::test {

namespace {

using Clock = std::chrono::steady_clock;

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

pid_t spawn(const std::vector<std::string>& command, int out, const std::filesystem::path& err) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + command[0]);
  return pid;
}

// Waits on a pidfd, so that the end of the child is an event and needs no polling.
bool ended_within(pid_t pid, std::chrono::milliseconds timeout) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) throw std::runtime_error("pidfd_open failed");
  pollfd waiting{fd, POLLIN, 0};
  const bool ended = poll(&waiting, 1, static_cast<int>(timeout.count())) == 1;
  close(fd);
  return ended;
}

int reap(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string read_line(int fd, std::chrono::seconds timeout) {
  const auto deadline = Clock::now() + timeout;
  std::string line;
  char c = 0;
  while (Clock::now() < deadline) {
    pollfd waiting{fd, POLLIN, 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (poll(&waiting, 1, static_cast<int>(left.count())) != 1) break;
    if (read(fd, &c, 1) != 1) return line;
    if (c == '\n') return line;
    line += c;
  }
  return line;
}

/// TOLL_PROGRAMS is where others than those of this build are: the sanitized ones.
std::string program(const std::string& name, const char* built) {
  const char* others = std::getenv("TOLL_PROGRAMS");
  return others ? std::string(others) + '/' + name : built;
}

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "toll-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}
TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_write);  // maybe a secret
  return path.string();
}

Finished run(const std::vector<std::string>& command, std::chrono::seconds timeout) {
  TempDir dir;
  const int out = open((dir / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t pid = spawn(command, out, dir / "err");
  close(out);
  const bool ended = ended_within(pid, timeout);
  if (!ended) kill(pid, SIGKILL);
  Finished finished{reap(pid), slurp(dir / "out"), slurp(dir / "err")};
  if (!ended) throw std::runtime_error(command[0] + " did not end: " + finished.errors);
  return finished;
}

Server::Server(std::filesystem::path data, std::vector<std::string> options, bool auth_off) {
  std::vector<std::string> command{tolld_path(), "--data", data.string(), "--listen",
                                   "127.0.0.1:0"};
  if (auth_off) command.insert(command.end(), {"--auth", "off"});
  command.insert(command.end(), options.begin(), options.end());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  pid_ = spawn(command, ends[1], log_ / "stderr");
  close(ends[1]);
  out_ = ends[0];
  const std::string line = read_line(out_, std::chrono::seconds(60));
  const std::string expected = "listening on 127.0.0.1:";
  if (!line.starts_with(expected)) {
    kill(pid_, SIGKILL);
    const int status = reap(pid_);
    close(out_);
    throw std::runtime_error("tolld did not start (" + std::to_string(status) + "), said '" + line +
                             "': " + errors());
  }
  port_ = static_cast<std::uint16_t>(std::stoi(line.substr(expected.size())));
}

Server::~Server() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    reap(pid_);
  }
  close(out_);
}

void Server::signal(int signal) const { kill(pid_, signal); }

int Server::wait(std::chrono::milliseconds timeout) {
  if (!ended_within(pid_, timeout)) throw std::runtime_error("tolld did not end in time");
  const int status = reap(pid_);
  pid_ = -1;
  return status;
}

int Server::stop(int signal, std::chrono::milliseconds timeout) {
  this->signal(signal);
  return wait(timeout);
}

std::string Server::errors() const { return slurp(log_ / "stderr"); }

std::string tolld_path() { return program("tolld", TOLLD_PATH); }
std::string tollctl_path() { return program("tollctl", TOLLCTL_PATH); }

}  // namespace toll::test

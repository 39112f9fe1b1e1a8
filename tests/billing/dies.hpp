// Whether some code ends the process by a broken invariant: tried in a child process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace toll::tests {

/// True if `act` aborts. Its message on standard error is not shown.
template <class Act>
bool dies(Act act) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // Catch2's own handler would report a failure.
    close(STDERR_FILENO);
    act();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace toll::tests

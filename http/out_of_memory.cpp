#include "http/out_of_memory.hpp"

#include <unistd.h>

#include <new>
#include <string_view>

namespace toll::http {

namespace {

int exit_status = 0;

/// Says it in a line like the log's, without needing memory.
[[noreturn]] void end() {
  static constexpr std::string_view line = "{\"level\":\"critical\",\"event\":\"out_of_memory\"}\n";
  // Nobody is left who could do anything about a failure.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) _exit(exit_status);
  _exit(exit_status);
}

}  // namespace

void end_when_out_of_memory(int status) {
  exit_status = status;
  std::set_new_handler(end);
}

}  // namespace toll::http

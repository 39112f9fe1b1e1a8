#include "tests/simulation/apart.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "billing/assert.hpp"

namespace toll::tests {

namespace {

void write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n <= 0) _exit(3);
    done += static_cast<std::size_t>(n);
  }
}

std::string read_all(int fd) {
  std::string text;
  char buffer[65'536];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

/// Parts with their lengths in front, after whatever the process has said before.
constexpr std::string_view mark = "\n--played--\n";

std::string packed(const Played& played) {
  std::ostringstream out;
  out << mark << played.steps << ' ' << played.crashes << ' ' << played.failures << ' '
      << played.records << ' ' << played.wrong.size() << ' ' << played.trace.size() << '\n'
      << played.wrong << played.trace << played.coverage.to_text();
  return out.str();
}

Played unpacked(const std::string& text) {
  Played played;
  std::size_t wrong = 0;
  std::size_t trace = 0;
  std::istringstream in(text);
  in >> played.steps >> played.crashes >> played.failures >> played.records >> wrong >> trace;
  in.get();
  played.wrong.resize(wrong);
  played.trace.resize(trace);
  in.read(played.wrong.data(), static_cast<std::streamsize>(wrong));
  in.read(played.trace.data(), static_cast<std::streamsize>(trace));
  played.coverage.add_text({std::istreambuf_iterator<char>(in), {}});
  return played;
}

[[noreturn]] void play_and_tell(const Story& story, const ChangeRules& change_rules, int fd) {
  ::dup2(fd, 2);  // last words
  Played played;
  try {
    played = World(story, change_rules).play();
  } catch (const std::exception& error) {
    played.wrong = std::string("the server ended: ") + error.what();
  }
  write_all(fd, packed(played));
  ::_exit(0);
}

}  // namespace

Played play_apart(const Story& story, const ChangeRules& change_rules) {
  int ends[2];
  TOLL_ASSERT(::pipe(ends) == 0);
  const pid_t child = ::fork();
  TOLL_ASSERT(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    play_and_tell(story, change_rules, ends[1]);
  }
  ::close(ends[1]);
  const std::string said = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  TOLL_ASSERT(::waitpid(child, &status, 0) == child);
  const auto at = said.rfind(mark);
  if (at != std::string::npos) return unpacked(said.substr(at + mark.size()));
  Played played;
  played.wrong = "the server ended: " + said;
  return played;
}

}  // namespace toll::tests

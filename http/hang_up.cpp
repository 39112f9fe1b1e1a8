#include "http/hang_up.hpp"

#include <signal.h>

#include <atomic>

namespace toll::http {

namespace {

std::atomic<bool> noted{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // else a handler may not set it

extern "C" void note_hang_up(int) { noted = true; }

}  // namespace

void note_hang_ups() {
  // Not Asio's signal_set, which puts the default action back while the server stops.
  struct sigaction action {};
  action.sa_handler = note_hang_up;
  action.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &action, nullptr);
}

bool take_hang_up() { return noted.exchange(false); }

}  // namespace toll::http

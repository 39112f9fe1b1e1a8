#include "actors/clock_check.hpp"

#include <thread>

namespace toll::actors {

using namespace std::chrono_literals;

bool wait_for_clock(const ClockCheck& check) {
  const auto until = std::chrono::steady_clock::now() + check.wait;
  while (true) {
    const billing::Instant shown = check.shown();
    if (shown - check.last_recorded <= ClockCheck::believed_ms) return false;
    const KernelClock kernel = check.kernel();
    if (kernel.synchronised) return false;
    if (check.accepted()) return true;
    if (std::chrono::steady_clock::now() >= until) {
      throw ClockNotBelieved(check.last_recorded, shown, kernel.why);
    }
    std::this_thread::sleep_for(50ms);
  }
}

}  // namespace toll::actors

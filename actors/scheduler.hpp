// How CAF's workers share their work: CAF's policy `sharing`, with two differences that the profile
// asked for. A worker keeps what its own actors wake, and takes what came from outside a round at a
// time, so a message costs no lock and no wake-up; and actors that leave memory do not wake a
// clock, because no actor of ours has CAF set timeouts.
#pragma once

#include <cstddef>

namespace caf {
class actor_system_config;
}

namespace toll::actors {

/// For a system with this configuration, which is to live as long as the system.
void schedule_in_rounds(caf::actor_system_config& config, std::size_t worker_threads);

}  // namespace toll::actors

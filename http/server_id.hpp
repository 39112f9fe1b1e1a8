// Ids that the server makes.
#pragma once

#include <string>

#include "billing/types.hpp"

namespace toll::http {

/// 26 characters: the instant, so that ids sort by time, then 80 random bits, so that no two are
/// ever equal, also across restarts. From any thread.
std::string make_server_id(billing::Instant now);

}  // namespace toll::http

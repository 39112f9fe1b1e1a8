// An entity as the bytes of its row: what is left of it in memory while nobody asks for it.
#pragma once

#include <string>

#include "billing/session.hpp"
#include "billing/subscription.hpp"

namespace toll::persistence {

/// Appends.
void pack(std::string& out, const billing::Session& session);
void pack(std::string& out, const billing::Subscription& subscription);

/// Of what pack() has made.
void unpack(std::string_view bytes, billing::Session& session);
void unpack(std::string_view bytes, billing::Subscription& subscription);

}  // namespace toll::persistence

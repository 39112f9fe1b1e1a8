// What tests of actors begin with: a time, a subscription with units of every channel, a chat.
#pragma once

#include "actors/command.hpp"

namespace toll::tests {

inline constexpr billing::Instant t0 = 1'767'225'600'000;
inline constexpr billing::Instant minute = 60'000;
inline constexpr billing::Instant day = 24 * 60 * minute;

inline actors::PutSubscription grant(const std::string& id, const std::string& patient,
                                     std::int64_t units, std::vector<std::string> members = {}) {
  actors::PutSubscription put;
  put.id = id;
  put.patient = patient;
  put.members = std::move(members);
  put.units = {units, units, units};
  put.starts_at = t0 - minute;
  put.ends_at = t0 + 10'000 * day;
  put.fingerprint = id;
  return put;
}

inline actors::StartSession chat(const std::string& id, const std::string& patient,
                                 const std::string& doctor) {
  return {id, false, billing::Channel::text, patient, doctor, std::nullopt};
}

}  // namespace toll::tests

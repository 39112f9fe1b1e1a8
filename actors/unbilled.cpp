#include "actors/unbilled.hpp"

#include <algorithm>

namespace toll::actors {

using billing::Instant;

namespace {

/// Sessions that end within so long of one another count as one: who starts and cancels all the
/// time takes no more memory than who does so once a minute.
constexpr Instant together_ms = 60'000;

/// Neither id has a zero byte.
std::string pair_of(const std::string& patient, const std::string& doctor) {
  return patient + '\0' + doctor;
}

}  // namespace

void Unbilled::ended(const billing::Session& session) {
  if (own_.erase(session.id) == 0 || session.units_used > 0 || !session.ended_at) return;
  const Instant at = *session.ended_at;
  const Busy busy{at, at, at - session.created_at};
  forget(at);
  const std::string pair = pair_of(session.patient, session.doctor);
  std::deque<Busy>& before = pairs_[pair];
  if (!before.empty() && at - before.back().since < together_ms) {
    before.back().until = std::max(before.back().until, at);
    before.back().ms += busy.ms;
    return;
  }
  before.push_back(busy);
  forgetting_.emplace_back(at, pair);
}

/// One that has taken in others ended up to `together_ms` later.
void Unbilled::forget(Instant now) {
  while (!forgetting_.empty() && forgetting_.front().first + window_ms + together_ms <= now) {
    const auto pair = pairs_.find(forgetting_.front().second);
    pair->second.pop_front();
    if (pair->second.empty()) pairs_.erase(pair);
    forgetting_.pop_front();
  }
}

std::optional<Instant> Unbilled::refused_until(const std::string& patient,
                                               const std::string& doctor, Instant now) const {
  const auto pair = pairs_.find(pair_of(patient, doctor));
  if (pair == pairs_.end()) return std::nullopt;
  const auto within = [&](const Busy& busy) {
    return std::clamp<Instant>(busy.until - (now - window_ms), 0, busy.ms);
  };
  Instant sum = 0;
  for (const Busy& busy : pair->second) sum += within(busy);
  if (sum < most_ms) return std::nullopt;
  // The oldest leaves the window first.
  Instant too_much = sum - most_ms + 1;
  for (const Busy& busy : pair->second) {
    const Instant counts = within(busy);
    if (counts >= too_much) return busy.until - counts + too_much + window_ms;
    too_much -= counts;
  }
  return std::nullopt;
}

}  // namespace toll::actors

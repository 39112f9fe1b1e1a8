#include "http/streams.hpp"

#include <algorithm>

#include "http/event_stream.hpp"

namespace toll::http {

namespace {

constexpr std::size_t shares = 8;            ///< of them all, each principal may have one
constexpr std::size_t most_for_persons = 2;  ///< likewise, of them all together

}  // namespace

std::optional<Limit> Streams::reached(const AccountPtr& account) const {
  if (open_.size() >= most_) return Limit::streams;
  if (!account) return std::nullopt;
  if (account->streams >= std::max<std::size_t>(1, most_ / shares)) {
    return Limit::streams_of_principal;
  }
  if (is_person(account->role) && of_persons_ >= most_ / most_for_persons) {
    return Limit::streams_of_persons;
  }
  return std::nullopt;
}

std::optional<Limit> Streams::refuse(const AccountPtr& account) {
  const auto limit = reached(account);
  if (limit) metrics_.limit_reached(*limit, role_of(account));
  return limit;
}

void Streams::opened(EventStream* stream, AccountPtr account) {
  if (account) {
    ++account->streams;
    of_persons_ += is_person(account->role) ? 1 : 0;
  }
  open_.emplace(stream, std::move(account));
  metrics_.set_streams(open_.size());
}

void Streams::closed(EventStream* stream) {
  const auto found = open_.find(stream);
  if (const AccountPtr& account = found->second) {
    --account->streams;
    of_persons_ -= is_person(account->role) ? 1 : 0;
  }
  open_.erase(found);
  metrics_.set_streams(open_.size());
}

void Streams::wake_beyond(billing::Seq seq) {
  if (waiting_) return;
  waiting_ = true;
  engine_.when_beyond(seq, shared_from_this());
}

void Streams::durable() noexcept { outbox_.push(shared_from_this()); }

void Streams::deliver() {
  waiting_ = false;
  std::vector<EventStream*> all;
  all.reserve(open_.size());
  for (const auto& [stream, account] : open_) all.push_back(stream);
  for (EventStream* stream : all) stream->journal_grew();
}

}  // namespace toll::http

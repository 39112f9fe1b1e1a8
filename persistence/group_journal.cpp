#include "persistence/group_journal.hpp"

#include <chrono>

#include "billing/assert.hpp"
#include "persistence/record.hpp"

namespace toll::persistence {

namespace {

std::int64_t to_ms(std::chrono::steady_clock::time_point instant) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(instant.time_since_epoch()).count();
}

}  // namespace

GroupJournal::GroupJournal(JournalStore& store, DiskFailure& failure,
                           const std::atomic<billing::Seq>& applied, billing::Seq head,
                           const Digest& tail, std::function<void(const GroupWritten&)> on_group)
    : store_(store),
      failure_(failure),
      applied_(applied),
      on_group_(std::move(on_group)),
      epoch_(store.own()),
      tail_(tail),
      durable_digest_(tail),
      last_(head),
      durable_(head) {}

billing::Seq GroupJournal::append(billing::Instant at, const billing::Fact& fact,
                                  const billing::Cause* cause) {
  thread_local std::string body;  // encoded outside the mutex, which then covers a copy only
  body.clear();
  encode_record(body, at, fact, cause);
  return add(&body, 1);
}

billing::Seq GroupJournal::append_all(billing::Instant at, const std::vector<billing::Fact>& facts,
                                      const billing::Cause* cause) {
  std::vector<std::string> bodies(facts.size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    encode_record(bodies[i], at, facts[i], i + 1 == facts.size() ? cause : nullptr);
  }
  return add(bodies.data(), bodies.size());
}

billing::Seq GroupJournal::add(const std::string* bodies, std::size_t count) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += bodies[i].size();
  billing::Seq first = 0;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    first = last_ + 1;
    GroupBuilder& group = gathering(bytes).group;
    for (std::size_t i = 0; i < count; ++i) group.add(bodies[i]);
    last_ = first + count - 1;
    waiting_bytes_ += bytes;
    wake = idle_;
    idle_ = false;
  }
  if (wake) wake_.notify_one();
  return first;
}

GroupJournal::Pending& GroupJournal::gathering(std::size_t bytes) {
  if (pending_.empty() || pending_.back().closed ||
      pending_.back().group.value.size() + bytes > max_group_bytes) {
    pending_.push_back({GroupBuilder(last_ + 1, std::move(spare_)), {}, false});
    spare_.clear();
  }
  return pending_.back();
}

void GroupJournal::when_durable(billing::Seq seq, WaiterPtr waiter) {
  {
    const std::lock_guard lock(mutex_);
    TOLL_ASSERT(seq <= last_);
    if (seq > durable_) {
      auto pending = pending_.rbegin();
      while (pending->group.first > seq) ++pending;
      pending->waiters.push_back(std::move(waiter));
      return;
    }
  }
  waiter->durable();
}

void GroupJournal::when_beyond(billing::Seq after, WaiterPtr waiter) {
  {
    const std::lock_guard lock(mutex_);
    if (durable_ <= after) {
      followers_.emplace_back(after, std::move(waiter));
      return;
    }
  }
  waiter->durable();
}

std::int64_t GroupJournal::writing_ms() const {
  const std::int64_t since_ms = writing_since_ms_;
  return since_ms == 0 ? 0 : to_ms(std::chrono::steady_clock::now()) - since_ms;
}

bool GroupJournal::write_group() {
  if (failure_.failed()) return false;
  Pending* oldest = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (pending_.empty()) return false;
    oldest = &pending_.front();  // a deque does not move it when the next groups are added
    oldest->closed = true;
  }
  GroupBuilder& group = oldest->group;
  const Digest digest = group.seal(tail_);
  std::string error;
  const auto start = std::chrono::steady_clock::now();
  writing_since_ms_ = to_ms(start);
  const Outcome outcome = store_.append(epoch_, group.first, group.value, error);
  if (outcome != Outcome::durable) failure_.raise(error);
  writing_since_ms_ = 0;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  tail_ = digest;
  const GroupWritten written{group.records, group.value.size(), took.count()};

  std::vector<WaiterPtr> waiters;
  {
    const std::lock_guard lock(mutex_);
    durable_ = group.last();
    durable_digest_ = digest;
    waiters.swap(oldest->waiters);
    std::erase_if(followers_, [&](auto& follower) {
      const bool beyond = durable_ > follower.first;
      if (beyond) waiters.push_back(std::move(follower.second));
      return beyond;
    });
    waiting_bytes_ -= group.body_bytes;
    spare_ = std::move(group.value);
    pending_.pop_front();
  }
  for (const WaiterPtr& waiter : waiters) waiter->durable();
  on_group_(written);
  return true;
}

JournalTail GroupJournal::durable_tail() const {
  const std::lock_guard lock(mutex_);
  return {durable_, durable_digest_};
}

bool GroupJournal::wait() {
  std::unique_lock lock(mutex_);
  while (pending_.empty() && !stopping_) {
    idle_ = true;
    wake_.wait(lock);
  }
  idle_ = false;
  return !pending_.empty();
}

void GroupJournal::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

}  // namespace toll::persistence

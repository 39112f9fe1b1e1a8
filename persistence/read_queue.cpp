#include "persistence/read_queue.hpp"

#include <limits>

namespace toll::persistence {

bool ReadQueue::add(billing::Seq at_least, Read read) {
  return add_either(at_least, {std::nullopt, std::move(read)});
}

bool ReadQueue::add_list(billing::Seq at_least, const std::string& whose, Read read) {
  return add_either(at_least, {whose, std::move(read)});
}

bool ReadQueue::add_either(billing::Seq at_least, Waiting waiting) {
  const std::lock_guard lock(mutex_);
  if (at_least > applied_) {
    waiting_.emplace(at_least, std::move(waiting));
    return true;
  }
  make_possible(std::move(waiting));
  return false;
}

void ReadQueue::make_possible(Waiting waiting) {
  if (!waiting.whose) {
    loads_.push_back(std::move(waiting.read));
    load_possible_.notify_one();
    return;
  }
  const auto [found, fresh] = turn_of_.try_emplace(*waiting.whose);
  if (fresh) found->second = turns_.insert(turns_.end(), Turn{std::move(*waiting.whose), {}});
  found->second->reads.push_back(std::move(waiting.read));
  list_possible_.notify_one();
}

void ReadQueue::publish(billing::Seq applied) {
  const std::lock_guard lock(mutex_);
  applied_ = applied;
  const auto end = waiting_.upper_bound(applied);
  for (auto read = waiting_.begin(); read != end; ++read) make_possible(std::move(read->second));
  waiting_.erase(waiting_.begin(), end);
}

billing::Seq ReadQueue::first_wanted() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? std::numeric_limits<billing::Seq>::max() : waiting_.begin()->first;
}

std::optional<Read> ReadQueue::take() {
  const std::lock_guard lock(mutex_);
  auto load = take_load();
  return load ? std::move(load) : take_list();
}

std::optional<Read> ReadQueue::take_load() {
  if (loads_.empty()) return std::nullopt;
  Read read = std::move(loads_.front());
  loads_.pop_front();
  return read;
}

std::optional<Read> ReadQueue::take_list() {
  if (turns_.empty()) return std::nullopt;
  const auto turn = turns_.begin();
  Read read = std::move(turn->reads.front());
  turn->reads.pop_front();
  if (turn->reads.empty()) {
    turn_of_.erase(turn->whose);
    turns_.erase(turn);
  } else {
    turns_.splice(turns_.end(), turns_, turn);
  }
  return read;
}

std::optional<Read> ReadQueue::wait(Kind kind) {
  std::unique_lock lock(mutex_);
  if (kind == Kind::load) {
    load_possible_.wait(lock, [this] { return !loads_.empty() || stopping_; });
    return take_load();
  }
  list_possible_.wait(lock, [this] { return !turns_.empty() || stopping_; });
  return take_list();
}

void ReadQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  load_possible_.notify_one();
  list_possible_.notify_one();
}

}  // namespace toll::persistence

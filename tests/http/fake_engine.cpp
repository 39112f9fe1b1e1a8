#include "tests/http/fake_engine.hpp"

namespace toll::tests {

billing::Session some_session(const std::string& id) {
  billing::Session session;
  session.id = id;
  session.version = 4;
  session.status = billing::Status::active;
  session.patient = "p1";
  session.doctor = "d1";
  session.policy_version = 1;
  session.created_at = new_year - 60'000;
  session.activated_at = new_year;
  session.intervals_processed = 1;
  session.units_used = 1;
  session.hold = billing::Hold{"s1", "pay-1"};
  return session;
}

std::optional<billing::Session> FakeRows::session(const std::string& id) const {
  return id == "known" ? std::optional(some_session(id)) : std::nullopt;
}

std::optional<billing::Subscription> FakeRows::subscription(const std::string&) const { return {}; }

std::optional<billing::Doctor> FakeRows::doctor(const std::string& id) const {
  return id == "known" ? std::optional(billing::Doctor{.id = id, .currency = {}}) : std::nullopt;
}

namespace {

/// Item 1 on the first page, item 2 on the one at "next".
template <class Item>
std::optional<persistence::Page<Item>> page(const std::optional<std::string>& cursor,
                                            std::array<Item, 2> items) {
  if (!cursor) return persistence::Page<Item>{{items[0]}, "next"};
  if (*cursor == "next") return persistence::Page<Item>{{items[1]}, std::nullopt};
  return std::nullopt;
}

}  // namespace

std::optional<persistence::Page<billing::Session>> FakeRows::sessions(
    const persistence::SessionFilter&, const std::optional<std::string>& cursor,
    std::size_t) const {
  ++lists_read;
  return page<billing::Session>(cursor, {some_session("a"), some_session("b")});
}

std::optional<persistence::Page<billing::StatementLine>> FakeRows::statement(
    const std::string&, const std::optional<std::string>& cursor, std::size_t) const {
  billing::StatementLine taken{
      7, new_year + 600'000, billing::LineKind::interval, 1, 1, "s1", {350'000, {}}, "timer"};
  billing::StatementLine forgiven{
      8, new_year + 600'000, billing::LineKind::forgiven, 2, 0, std::nullopt, {}, "recovery"};
  return page<billing::StatementLine>(cursor, {taken, forgiven});
}

std::optional<persistence::Page<billing::WalletEntry>> FakeRows::entries(
    const std::string& doctor, const std::optional<std::string>& cursor, std::size_t) const {
  billing::WalletEntry entry{
      9, new_year, billing::EntryKind::earning, {350'000, {}}, doctor, "x", "s1", 1, "pay-1"};
  return page<billing::WalletEntry>(cursor, {entry, entry});
}

std::vector<billing::Record> FakeRows::events(billing::Seq after, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<billing::Record> found;
  for (const billing::Record& record : records_) {
    if (record.seq > after && found.size() < limit) found.push_back(record);
  }
  return found;
}

void FakeRows::add(const billing::Record& record) {
  const std::lock_guard lock(mutex_);
  records_.push_back(record);
}

FakeEngine::FakeEngine()
    : answers([](const actors::Command&) { return actors::Answer(actors::Unavailable{}); }),
      thread_([this] { run(); }) {
  policies_.add({});
}

FakeEngine::~FakeEngine() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    held_ = false;
  }
  changed_.notify_all();
  thread_.join();
}

void FakeEngine::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeEngine::release() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
  }
  changed_.notify_all();
}

void FakeEngine::wait_for_commands(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return commands >= count; });
}

void FakeEngine::wait_for_queries(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queries >= count; });
}

void FakeEngine::submit(actors::Command command, std::shared_ptr<actors::Asker> asker,
                        std::optional<billing::Cause>, std::optional<billing::Person>) {
  ++commands;
  post([this, command = std::move(command), asker = std::move(asker)] {
    asker->answered(answers(command), {});
  });
}

void FakeEngine::query(const std::string&, std::function<void(const persistence::Rows&)> read) {
  ++queries;
  post([this, read = std::move(read)] { read(rows); });
}

void FakeEngine::append(const billing::Fact& fact) {
  std::vector<std::pair<billing::Seq, persistence::WaiterPtr>> followers;
  {
    const std::lock_guard lock(mutex_);
    rows.add({durable_ + 1, new_year, fact});
    ++durable_;
    followers.swap(followers_);
  }
  for (auto& [after, waiter] : followers) when_beyond(after, std::move(waiter));
}

void FakeEngine::when_beyond(billing::Seq after, persistence::WaiterPtr waiter) {
  {
    const std::lock_guard lock(mutex_);
    if (durable_ <= after) return followers_.emplace_back(after, std::move(waiter)), void();
  }
  waiter->durable();
}

void FakeEngine::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
  }
  changed_.notify_all();
}

void FakeEngine::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return over_ || (!held_ && !work_.empty()); });
    if (work_.empty()) return;
    const auto work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace toll::tests

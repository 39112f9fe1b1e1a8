// An engine that answers what the test says, on a thread of its own, as the journal would.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "actors/engine.hpp"

namespace toll::tests {

/// Rows with a few fixed items; lists have two pages of one item each.
class FakeRows final : public persistence::Rows {
 public:
  billing::Seq applied() const override { return 2; }
  std::optional<billing::Session> session(const std::string& id) const override;
  std::optional<billing::Subscription> subscription(const std::string&) const override;
  std::optional<billing::Doctor> doctor(const std::string& id) const override;
  std::optional<billing::Withdrawal> withdrawal(const std::string&) const override {
    return std::nullopt;
  }
  std::optional<persistence::KeptAnswer> kept_answer(const billing::RequestDigest&) const override {
    return std::nullopt;
  }
  void each_live_session(const std::function<void(billing::Session&&)>&) const override {}
  void each_subscription(const std::function<void(billing::Subscription&&)>&) const override {}
  void each_doctor(const std::function<void(billing::Doctor&&)>&) const override {}
  std::optional<persistence::Page<billing::Session>> sessions(
      const persistence::SessionFilter& filter, const std::optional<std::string>& cursor,
      std::size_t limit) const override;
  std::optional<persistence::Page<billing::StatementLine>> statement(
      const std::string& session, const std::optional<std::string>& cursor,
      std::size_t limit) const override;
  std::optional<persistence::Page<billing::WalletEntry>> entries(
      const std::string& doctor, const std::optional<std::string>& cursor,
      std::size_t limit) const override;
  std::vector<billing::Record> events(billing::Seq after, std::size_t limit) const override;

  void add(const billing::Record& record);

  mutable std::atomic<int> lists_read{0};  ///< of sessions

 private:
  mutable std::mutex mutex_;
  std::vector<billing::Record> records_;
};

/// A session of patient p1 with doctor d1, active since `new_year`, 25 minutes in, two units taken.
billing::Session some_session(const std::string& id);
inline constexpr billing::Instant new_year = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

class FakeEngine final : public actors::Engine {
 public:
  FakeEngine();
  ~FakeEngine() override;

  /// What each command is answered; called on the engine's thread.
  std::function<actors::Answer(const actors::Command&)> answers;
  FakeRows rows;
  std::atomic<bool> capacity{true};
  std::atomic<std::int64_t> lists_left_in_all{1280};
  std::atomic<bool> room{true};
  std::atomic<bool> kept_room{true};
  std::atomic<bool> callers_refused{false};
  std::atomic<int> commands{0};
  std::atomic<int> queries{0};
  bool test_clock = true;

  /// While held, commands wait; release() lets them go on.
  void hold();
  void release();
  /// Adds a record to the journal: it is durable at once.
  void append(const billing::Fact& fact);
  /// Returns once `count` commands have come.
  void wait_for_commands(int count);
  void wait_for_queries(int count);  ///< the same

  const actors::StartReport& report() const override { return report_; }
  const billing::PolicyBook& policies() const override { return policies_; }
  billing::Instant now() const override { return new_year + 25 * 60'000; }
  bool has_test_clock() const override { return test_clock; }
  bool has_capacity() const override { return capacity; }
  std::int64_t lists_left() const override { return lists_left_in_all; }
  std::optional<actors::Degraded> refuses_changes() const override {
    return room ? std::nullopt : std::optional(actors::Degraded::disk_full);
  }
  bool takes_ends() const override { return kept_room; }
  void refuse_callers(bool refused) override { callers_refused = refused; }
  std::vector<actors::Degraded> degraded() const override {
    if (room) return {};
    return {actors::Degraded::disk_full, actors::Degraded::journal_stalled};
  }
  void submit(actors::Command command, std::shared_ptr<actors::Asker> asker,
              std::optional<billing::Cause> cause,
              std::optional<billing::Person> only_for) override;
  void query(const std::string& whose, std::function<void(const persistence::Rows&)> read) override;
  void query_journal(const std::string& whose,
                     std::function<void(const persistence::Rows&)> read) override {
    query(whose, read);
  }
  billing::Seq durable() const override { return durable_; }
  void when_beyond(billing::Seq after, persistence::WaiterPtr waiter) override;
  actors::EngineStats stats() const override { return {}; }
  void shut_down() override {}

 private:
  void post(std::function<void()> work);
  void run();

  actors::StartReport report_;
  billing::PolicyBook policies_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  std::atomic<billing::Seq> durable_{0};
  std::vector<std::pair<billing::Seq, persistence::WaiterPtr>> followers_;
  bool held_ = false;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace toll::tests

// An engine that refuses everything at once, on the caller's thread, and remembers what it was
// asked: all that a request could have changed.
#pragma once

#include <typeindex>
#include <utility>
#include <vector>

#include "tests/http/fake_engine.hpp"
#include "tests/support/commands.hpp"

namespace toll::tests {

inline std::type_index type_of(const actors::Command& command) {
  return visit_command([](const auto& c) { return std::type_index(typeid(c)); }, command);
}

class PromptEngine final : public actors::Engine {
 public:
  struct Asked {
    std::type_index command;
    std::optional<billing::Cause> cause;
    bool operator==(const Asked&) const = default;
  };

  PromptEngine() { policies_.add({}); }

  std::vector<Asked> take_asked() { return std::exchange(asked_, {}); }

  const actors::StartReport& report() const override { return report_; }
  const billing::PolicyBook& policies() const override { return policies_; }
  billing::Instant now() const override { return new_year; }
  bool has_test_clock() const override { return true; }
  bool has_capacity() const override { return true; }
  std::int64_t lists_left() const override { return 1; }
  std::optional<actors::Degraded> refuses_changes() const override { return std::nullopt; }
  bool takes_ends() const override { return true; }
  void refuse_callers(bool) override {}
  std::vector<actors::Degraded> degraded() const override { return {}; }
  void submit(actors::Command command, std::shared_ptr<actors::Asker> asker,
              std::optional<billing::Cause> cause, std::optional<billing::Person>) override {
    asked_.push_back({type_of(command), std::move(cause)});
    asker->answered(billing::Refusal::session_not_found, {});
  }
  void query(const std::string&, std::function<void(const persistence::Rows&)> read) override {
    read(rows_);
  }
  void query_journal(const std::string&,
                     std::function<void(const persistence::Rows&)> read) override {
    read(rows_);
  }
  billing::Seq durable() const override { return 0; }
  void when_beyond(billing::Seq, persistence::WaiterPtr) override {}
  actors::EngineStats stats() const override { return {}; }
  void shut_down() override {}

 private:
  actors::StartReport report_;
  billing::PolicyBook policies_;
  FakeRows rows_;
  std::vector<Asked> asked_;
};

}  // namespace toll::tests

// An ask: one command on its way through the actors, and who waits for its answer. It travels in
// the messages themselves, so no actor ever waits for a reply to pass on (design: reply gate).
#pragma once

#include <atomic>
#include <memory>

#include "actors/answer.hpp"
#include "actors/command.hpp"
#include "billing/person.hpp"
#include "persistence/journal.hpp"

namespace toll::actors {

/// What was written for a command, also if it is then refused.
struct Effect {
  bool changed = false;
  billing::Seq kept_in = 0;  ///< the record that carries the idempotency key; 0: none does
};

/// Who asked. Outlives the ask; one asker may have many asks under way.
class Asker {
 public:
  virtual ~Asker() = default;

  /// Called exactly once for each ask, on any thread, once everything the answer rests on is on
  /// disk. Must not block.
  virtual void answered(Answer&& answer, Effect effect) noexcept = 0;
};

/// An asker inside the server: this is done with the answer.
template <class Heard>
struct WhenAnswered final : Asker {
  explicit WhenAnswered(Heard heard) : heard(std::move(heard)) {}
  void answered(Answer&& answer, Effect effect) noexcept override {
    heard(std::move(answer), effect);
  }

  Heard heard;
};

template <class Heard>
std::shared_ptr<Asker> when_answered(Heard heard) {
  return std::make_shared<WhenAnswered<Heard>>(std::move(heard));
}

/// Whether the answer waits until all it rests on is on disk. `open` is for asks inside the server,
/// whose asker answers an ask that waits.
enum class Gate : std::uint8_t { durable, open };

class Ask final : public persistence::Waiter, public std::enable_shared_from_this<Ask> {
 public:
  /// `at` is the server's clock, read once when the request came. `under_way` counts the asks that
  /// are not delivered yet; it is not owned and outlives the ask. `cause`: with an idempotency key.
  /// `only_for`: what does not concern this person is refused as forbidden, and so is what does not
  /// exist.
  Ask(Command command, billing::Instant at, std::shared_ptr<Asker> asker,
      std::atomic<std::int64_t>& under_way, std::optional<billing::Cause> cause = std::nullopt,
      Gate gate = Gate::durable, std::optional<billing::Person> only_for = std::nullopt);

  /// An ask that is dropped unanswered, by an actor that had to leave, answers Unavailable (rule
  /// 3).
  ~Ask() override;

  Ask(const Ask&) = delete;
  Ask& operator=(const Ask&) = delete;

  const Command& command() const { return command_; }
  billing::Instant at() const { return at_; }
  const std::optional<billing::Person>& only_for() const { return only_for_; }

  /// Null without an idempotency key.
  const billing::Cause* cause() const { return has_key_ ? &cause_ : nullptr; }
  /// What it has done so far, with a key or without.
  const billing::Cause& counters() const { return cause_; }
  void set_intervals_due(std::int64_t intervals) { cause_.intervals_due = intervals; }

  /// Appends what is done for the command: by any actor, while no other works on it. A record that
  /// completes it (completes.hpp) carries the cause, unless `more` like it follow (rule 8).
  billing::Seq record(persistence::Journal& journal, billing::Instant at, const billing::Fact& fact,
                      bool more = false);
  /// The records of one change. Returns the first number.
  billing::Seq record_all(persistence::Journal& journal, billing::Instant at,
                          const std::vector<billing::Fact>& facts);
  /// Somebody else has recorded what was done for it.
  void took_effect(Effect effect) { effect_ = effect; }

  /// Fixes the answer, and delivers it once everything assigned so far is durable (rule 2). Once.
  void answer(Answer answer, persistence::Journal& journal);

  void durable() noexcept override;

 private:
  void deliver(Answer&& answer) noexcept;
  void count(const billing::Fact& fact);
  const billing::Cause* cause_of(const billing::Fact& fact) const;

  Command command_;
  std::optional<billing::Person> only_for_;
  billing::Instant at_;
  std::shared_ptr<Asker> asker_;
  billing::Cause cause_;
  bool has_key_;
  Gate gate_;
  Effect effect_;
  Answer answer_;
  std::atomic<std::int64_t>& under_way_;
  bool fixed_ = false;
  bool delivered_ = false;
};
using AskPtr = std::shared_ptr<Ask>;

}  // namespace toll::actors

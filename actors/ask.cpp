#include "actors/ask.hpp"

#include "actors/completes.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;

Ask::Ask(Command command, Instant at, std::shared_ptr<Asker> asker,
         std::atomic<std::int64_t>& under_way, std::optional<Cause> cause, Gate gate,
         std::optional<Person> only_for)
    : command_(std::move(command)),
      only_for_(std::move(only_for)),
      at_(at),
      asker_(std::move(asker)),
      cause_(cause.value_or(Cause{})),
      has_key_(cause.has_value()),
      gate_(gate),
      under_way_(under_way) {
  under_way_.fetch_add(1, std::memory_order_relaxed);
}

Ask::~Ask() {
  if (!delivered_) deliver(Unavailable{});
}

void Ask::count(const Fact& fact) {
  if (const auto* charged = std::get_if<Charged>(&fact)) cause_.deducted += charged->units;
  if (const auto* ended = std::get_if<Ended>(&fact)) cause_.deducted += ended->units;
  if (const auto* refunded = std::get_if<Refunded>(&fact)) cause_.refunded += refunded->units;
}

const Cause* Ask::cause_of(const Fact& fact) const {
  return has_key_ && std::visit(Completes(), fact, command_) ? &cause_ : nullptr;
}

Seq Ask::record(persistence::Journal& journal, Instant at, const Fact& fact, bool more) {
  count(fact);
  const Cause* const cause = more ? nullptr : cause_of(fact);
  const Seq seq = journal.append(at, fact, cause);
  effect_ = {true, cause ? seq : effect_.kept_in};
  return seq;
}

Seq Ask::record_all(persistence::Journal& journal, Instant at, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) count(fact);
  const Cause* const cause = cause_of(facts.back());
  const Seq first = journal.append_all(at, facts, cause);
  effect_ = {true, cause ? first + facts.size() - 1 : effect_.kept_in};
  return first;
}

void Ask::answer(Answer answer, persistence::Journal& journal) {
  TOLL_ASSERT(!fixed_);
  fixed_ = true;
  if (gate_ == Gate::open) return deliver(std::move(answer));
  answer_ = std::move(answer);
  journal.when_durable(journal.last(), shared_from_this());
}

void Ask::durable() noexcept { deliver(std::move(answer_)); }

void Ask::deliver(Answer&& answer) noexcept {
  delivered_ = true;
  asker_->answered(std::move(answer), effect_);
  if (under_way_.fetch_sub(1) == 1) under_way_.notify_all();
}

}  // namespace toll::actors

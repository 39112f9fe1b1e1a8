#include "actors/ask.hpp"

#include "billing/assert.hpp"

namespace toll::actors {

Ask::Ask(Command command, billing::Instant at, std::shared_ptr<Asker> asker,
         std::atomic<std::int64_t>& under_way, std::optional<billing::Cause> cause, Gate gate,
         std::optional<billing::Person> only_for)
    : command_(std::move(command)),
      only_for_(std::move(only_for)),
      at_(at),
      asker_(std::move(asker)),
      cause_(std::move(cause)),
      gate_(gate),
      under_way_(under_way) {
  under_way_.fetch_add(1, std::memory_order_relaxed);
}

Ask::~Ask() {
  if (!delivered_) deliver(Unavailable{});
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
  asker_->answered(std::move(answer));
  if (under_way_.fetch_sub(1) == 1) under_way_.notify_all();
}

}  // namespace toll::actors

#include "actors/ask.hpp"

#include "billing/assert.hpp"

namespace toll::actors {

Ask::Ask(Command command, billing::Instant at, std::shared_ptr<Asker> asker)
    : command_(std::move(command)), at_(at), asker_(std::move(asker)) {}

Ask::~Ask() {
  if (!delivered_) asker_->answered(Unavailable{});
}

void Ask::answer(Answer answer, persistence::Journal& journal) {
  TOLL_ASSERT(!fixed_);
  fixed_ = true;
  answer_ = std::move(answer);
  journal.when_durable(journal.last(), shared_from_this());
}

void Ask::durable() noexcept {
  delivered_ = true;
  asker_->answered(std::move(answer_));
}

}  // namespace toll::actors

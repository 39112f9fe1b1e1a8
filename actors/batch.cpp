#include "actors/batch.hpp"

#include "actors/directory.hpp"

namespace toll::actors {

namespace {

/// What the items of one batch have in common.
struct Batch {
  Batch(const Context& context, const AskPtr& ask, std::size_t size)
      : context(context), ask(ask), items(size), missing(size) {}

  const Context& context;
  const AskPtr ask;
  std::vector<billing::BatchItem> items;
  std::atomic<std::size_t> missing;
  std::atomic<bool> changed{false};
};

void finish(Batch& batch) {
  persistence::Journal& journal = *batch.context.journal;
  if (batch.ask->cause() && batch.changed) {
    batch.ask->kept_in(
        journal.append(batch.ask->at(), billing::BatchAnswered{batch.items}, batch.ask->cause()));
  }
  const auto& command = std::get<DeductBatch>(batch.ask->command());
  batch.ask->answer(BatchAnswer{command.sessions, std::move(batch.items)}, journal);
}

class ItemAsker final : public Asker {
 public:
  ItemAsker(std::shared_ptr<Batch> batch, std::size_t place)
      : batch_(std::move(batch)), place_(place) {}

  void changed() noexcept override { batch_->changed = true; }
  void answered(Answer&& answer) noexcept override {
    billing::BatchItem& item = batch_->items[place_];
    if (const auto* given = std::get_if<SessionAnswer>(&answer)) {
      item.deducted = given->deducted;
    } else if (const auto* refusal = std::get_if<billing::Refusal>(&answer)) {
      item.refusal = *refusal;
    } else {
      item.served = false;
    }
    if (--batch_->missing == 0) finish(*batch_);
  }

 private:
  std::shared_ptr<Batch> batch_;
  std::size_t place_;
};

/// Digests are as good as random, so neighbours of one are keys that nobody else has.
std::optional<billing::Cause> cause_of_item(const Ask& ask, std::size_t place) {
  if (!ask.cause()) return std::nullopt;
  billing::Cause cause = *ask.cause();
  const std::size_t number = place + 1;
  cause.key[0] = static_cast<char>(cause.key[0] ^ (number & 0xff));
  cause.key[1] = static_cast<char>(cause.key[1] ^ (number >> 8));
  return cause;
}

}  // namespace

void serve_batch(const Context& context, const AskPtr& ask) {
  const auto& sessions = std::get<DeductBatch>(ask->command()).sessions;
  const auto batch = std::make_shared<Batch>(context, ask, sessions.size());
  if (sessions.empty()) return finish(*batch);
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const auto item = std::make_shared<Ask>(
        DeductUnits{sessions[i], "batch"}, ask->at(), std::make_shared<ItemAsker>(batch, i),
        context.counters->asks_under_way, cause_of_item(*ask, i), Gate::open);
    if (ask->cause()) {
      caf::anon_send(context.keys, Serve{item});
    } else {
      context.directory->serve(item);
    }
  }
}

}  // namespace toll::actors

#include "actors/batch.hpp"

#include "actors/directory.hpp"

namespace toll::actors {

namespace {

/// What the items of one batch have in common. One item is under way at a time.
struct Batch {
  enum class Step : std::uint8_t { serving, left, answered };

  Batch(const Context& context, const AskPtr& ask, std::size_t size)
      : context(context), ask(ask), items(size) {}

  const Context& context;
  const AskPtr ask;
  std::vector<billing::BatchItem> items;
  std::size_t next = 0;
  std::atomic<Step> step{Step::serving};  ///< of the item before `next`
  bool changed = false;
};
using BatchPtr = std::shared_ptr<Batch>;

void finish(Batch& batch) {
  persistence::Journal& journal = *batch.context.journal;
  if (batch.ask->cause() && batch.changed) {
    batch.ask->record(journal, batch.ask->at(), billing::BatchAnswered{batch.items});
  }
  const auto& command = std::get<DeductBatch>(batch.ask->command());
  batch.ask->answer(BatchAnswer{command.sessions, std::move(batch.items)}, journal);
}

void go_on(const BatchPtr& batch);

void heard(const BatchPtr& batch, std::size_t place, const Answer& answer, Effect effect) {
  batch->changed |= effect.changed;
  billing::BatchItem& item = batch->items[place];
  if (const auto* given = std::get_if<SessionAnswer>(&answer)) {
    item.deducted = given->deducted;
  } else if (const auto* refusal = std::get_if<billing::Refusal>(&answer)) {
    item.refusal = *refusal;
  } else {
    item.served = false;
  }
  if (batch->step.exchange(Batch::Step::answered) == Batch::Step::left) go_on(batch);
}

/// Digests are as good as random, so neighbours of one are keys that nobody else has.
std::optional<billing::Cause> cause_of_item(const Ask& ask, std::size_t place) {
  if (!ask.cause()) return std::nullopt;
  billing::Cause cause = *ask.cause();
  const std::size_t number = place + 1;
  cause.key[0] = static_cast<char>(cause.key[0] ^ (number & 0xff));
  cause.key[1] = static_cast<char>(cause.key[1] ^ (number >> 8));
  return cause;
}

void serve(const BatchPtr& batch, std::size_t place) {
  const AskPtr& ask = batch->ask;
  const auto asker = when_answered(
      [batch, place](const Answer& answer, Effect effect) { heard(batch, place, answer, effect); });
  const auto item = std::make_shared<Ask>(
      DeductUnits{std::get<DeductBatch>(ask->command()).sessions[place], "batch"}, ask->at(), asker,
      batch->context.counters->asks_inside, cause_of_item(*ask, place), Gate::open);
  if (ask->cause()) {
    caf::anon_send(batch->context.keys, Serve{item});
  } else {
    batch->context.directory->serve(item);
  }
}

/// An item may be answered while it is being served: then the next one follows here, and not within
/// its answer. Otherwise whoever answers it goes on.
void go_on(const BatchPtr& batch) {
  do {
    if (batch->next == batch->items.size()) return finish(*batch);
    batch->step = Batch::Step::serving;
    serve(batch, batch->next++);
  } while (batch->step.exchange(Batch::Step::left) == Batch::Step::answered);
}

}  // namespace

void serve_batch(const Context& context, const AskPtr& ask) {
  go_on(
      std::make_shared<Batch>(context, ask, std::get<DeductBatch>(ask->command()).sessions.size()));
}

}  // namespace toll::actors

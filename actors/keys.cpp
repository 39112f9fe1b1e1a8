#include "actors/keys.hpp"

#include <cstring>

#include "actors/directory.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;
using persistence::KeptAnswer;

namespace {

/// The answer, from what is kept of it.
Answer from_kept(const KeptAnswer& kept, const Command& command, bool replayed) {
  if (kept.session) {
    SessionAnswer answer;
    answer.session = *kept.session;
    answer.at = kept.at;
    answer.created = kept.created;
    answer.deducted = kept.cause.deducted;
    answer.intervals_due = kept.cause.intervals_due;
    answer.manual_unit = kept.manual_unit;
    answer.refunded = kept.cause.refunded;
    answer.replayed = replayed;
    return answer;
  }
  if (kept.subscription)
    return SubscriptionAnswer{*kept.subscription, kept.at, kept.created, replayed};
  if (kept.doctor) return DoctorAnswer{*kept.doctor, kept.created, replayed};
  if (kept.withdrawal) return WithdrawalAnswer{*kept.withdrawal, replayed};
  if (const auto* batch = std::get_if<DeductBatch>(&command)) {
    return BatchAnswer{batch->sessions, kept.items, replayed};
  }
  return ClockAnswer{kept.at, replayed};
}

void look_up(KeysState& state, const RequestDigest& key) {
  const auto recent = state.recent.find(key);
  const Seq at_least = recent == state.recent.end() ? 0 : recent->second;
  state.context->storage->read(at_least,
                               [key, keys = KeysActor(state.self)](const persistence::Rows& rows) {
                                 caf::anon_send(keys, KeyFound{key, rows.kept_answer(key)});
                               });
}

Answer replayed(Answer answer) {
  std::visit(
      [](auto& given) {
        if constexpr (requires { given.replayed; }) given.replayed = true;
      },
      answer);
  return answer;
}

/// The answer to one who asks with a key that somebody has used; none if it is free by now.
std::optional<Answer> earlier_answer(const Ask& ask, const std::optional<KeptAnswer>& kept,
                                     const std::optional<JustChanged>& changed) {
  const RequestDigest& request = ask.cause()->request;
  if (kept && !kept->expired(ask.at())) {
    if (kept->cause.request != request) return Refusal::idempotency_key_reused;
    return from_kept(*kept, ask.command(), true);
  }
  if (changed && ask.at() < changed->at + persistence::kept_for_ms) {
    if (changed->request != request) return Refusal::idempotency_key_reused;
    return replayed(changed->answer);
  }
  return std::nullopt;
}

void begin(KeysState& state, KeyClaim& claim) {
  claim.changed.reset();
  claim.serving = std::move(claim.waiting.front());
  claim.waiting.pop_front();
  const Cause& cause = *claim.serving->cause();
  const auto asker = when_answered(
      [keys = KeysActor(state.self), key = cause.key](Answer&& answer, Effect effect) {
        caf::anon_send(keys, KeyAnswered{key, std::move(answer), effect});
      });
  state.context->directory->serve(std::make_shared<Ask>(
      claim.serving->command(), claim.serving->at(), asker, state.context->counters->asks_inside,
      cause, Gate::open, claim.serving->only_for()));
}

void take(KeysState& state, const AskPtr& ask) {
  const auto [claim, absent] = state.claims.try_emplace(ask->cause()->key);
  if (claim->second.waiting.size() >= state.context->limits.session_queue) {
    return ask->answer(Unavailable{}, *state.context->journal);
  }
  claim->second.waiting.push_back(ask);
  if (absent) look_up(state, claim->first);
}

/// Answers those who wait with what is kept; if nothing is, the first of them is served.
void found(KeysState& state, const KeyFound& message) {
  const auto claim = state.claims.find(message.key);
  TOLL_ASSERT(claim != state.claims.end());
  const std::optional<JustChanged>& changed = claim->second.changed;
  if (const AskPtr served = std::exchange(claim->second.serving, nullptr)) {
    served->answer(
        message.kept ? from_kept(*message.kept, served->command(), false) : changed->answer,
        *state.context->journal);
  }
  std::deque<AskPtr>& waiting = claim->second.waiting;
  while (!waiting.empty()) {
    auto answer = earlier_answer(*waiting.front(), message.kept, changed);
    if (!answer) return begin(state, claim->second);
    waiting.front()->answer(std::move(*answer), *state.context->journal);
    waiting.pop_front();
  }
  state.claims.erase(claim);
}

/// Remembers a record until the rows show it.
void remember(KeysState& state, const RequestDigest& key, Seq seq) {
  state.recent[key] = seq;
  state.recent_order.emplace_back(seq, key);
  const Seq applied = state.context->journal->applied();
  while (!state.recent_order.empty() && state.recent_order.front().first <= applied) {
    const auto& [old, whose] = state.recent_order.front();
    const auto entry = state.recent.find(whose);
    if (entry != state.recent.end() && entry->second == old) state.recent.erase(entry);
    state.recent_order.pop_front();
  }
}

void answered(KeysState& state, const KeyAnswered& message) {
  const auto claim = state.claims.find(message.key);
  TOLL_ASSERT(claim != state.claims.end() && claim->second.serving);
  claim->second.serving->took_effect(message.effect);
  const Seq kept_in = message.effect.kept_in;
  if (kept_in != 0) {
    remember(state, message.key, kept_in);
    const Ask& served = *claim->second.serving;
    claim->second.changed = JustChanged{served.cause()->request, served.at(), message.answer};
  }
  if (kept_in != 0 && std::holds_alternative<SubscriptionAnswer>(message.answer)) {
    // Sessions write facts about its units too, and some before this one may still be on their way
    // to its actor. A repetition will be answered from the journal's order, so the first is as
    // well.
    return look_up(state, message.key);
  }
  const AskPtr served = std::exchange(claim->second.serving, nullptr);
  served->answer(message.answer, *state.context->journal);
  if (claim->second.waiting.empty()) {
    state.claims.erase(claim);
  } else if (kept_in != 0) {
    look_up(state, message.key);
  } else {
    begin(state, claim->second);
  }
}

}  // namespace

std::size_t DigestHash::operator()(const RequestDigest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

KeysActor::behavior_type keys_actor(KeysActor::stateful_pointer<KeysState> self,
                                    const Context* context) {
  self->state.context = context;
  return {
      [self](const Serve& serve) { take(self->state, serve.ask); },
      [self](const KeyFound& message) { found(self->state, message); },
      [self](const KeyAnswered& message) { answered(self->state, message); },
  };
}

}  // namespace toll::actors

#include "actors/subscription.hpp"

#include <algorithm>

#include "actors/directory.hpp"
#include "actors/loading.hpp"
#include "billing/apply.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;

namespace {

class Step {
 public:
  explicit Step(SubscriptionState& state) : state_(state) {}

  void serve(const AskPtr& ask) {
    std::visit([&](const auto& command) { serve(*ask, command); },
               std::get<SubscriptionCommand>(ask->command()));
  }

  /// Answers the walk's question, or hands it on.
  template <class Walk>
  void walk(const std::shared_ptr<Walk>& walk) {
    walk->gains.push_back(state_.gain);
    const bool answered = state_.subscription && answers(*walk);
    if constexpr (std::is_base_of_v<SessionWalk, Walk>) {
      if (answered) return state_.self->send(walk->session, walk);
    }
    state_.context->directory->walk_on(walk);
  }

  void hear(const FactHeard& heard) {
    state_.last_seq = std::max(state_.last_seq, heard.record.seq);
    if (heard.record.seq <= state_.loaded_at) return;
    TOLL_ASSERT(state_.subscription);
    std::visit([&](const auto& fact) { hear(fact, heard.record.at); }, heard.record.fact);
  }

 private:
  void hear(const Charged& fact, Instant at) { apply(*state_.subscription, fact, at); }
  void hear(const Refunded& fact, Instant at) {
    apply(*state_.subscription, fact, at);
    ++state_.gain;
  }
  void hear(const Ended& fact, Instant at) {
    apply(*state_.subscription, fact, at);
    if (fact.units == 0) ++state_.gain;
  }
  void hear(const auto&, Instant) { TOLL_ASSERT(!"moves no units of a subscription"); }

  Instant later(Instant at) const {
    return state_.subscription ? std::max(at, state_.subscription->last_at) : at;
  }

  Seq record(Ask& ask, Instant at, const Fact& fact, bool more = false) {
    return state_.last_seq = ask.record(*state_.context->journal, at, fact, more);
  }

  void reply(Ask& ask, bool created = false) {
    ask.answer(SubscriptionAnswer{*state_.subscription, later(ask.at()), created},
               *state_.context->journal);
  }

  void refuse(Ask& ask, Refusal refusal) { ask.answer(refusal, *state_.context->journal); }

  void serve(Ask& ask, const GetSubscription&) {
    const bool found = state_.subscription.has_value();
    if (ask.only_for() && !(found && concerns(*state_.subscription, *ask.only_for()))) {
      return refuse(ask, Refusal::forbidden);
    }
    if (!found) return refuse(ask, Refusal::subscription_not_found);
    SubscriptionAnswer answer{*state_.subscription, later(ask.at())};
    answer.for_member = ask.only_for() && ask.only_for()->id != answer.subscription.patient;
    ask.answer(std::move(answer), *state_.context->journal);
  }

  void serve(Ask& ask, const PutSubscription& command) {
    if (state_.subscription) {
      const bool same = state_.subscription->fingerprint == command.fingerprint;
      return same ? reply(ask) : refuse(ask, Refusal::subscription_exists);
    }
    const Instant starts_at = command.starts_at.value_or(ask.at());
    if (starts_at >= command.ends_at) return refuse(ask, Refusal::empty_period);
    const Granted fact{command.id,         1,
                       command.patient,    command.members,
                       command.units,      starts_at,
                       command.ends_at,    command.rollover_days,
                       command.plan,       command.payment_ref,
                       command.fingerprint};
    record(ask, ask.at(), fact);
    state_.subscription = granted(fact, ask.at());
    ++state_.gain;
    std::vector<std::string> people = command.members;
    people.push_back(command.patient);
    list(std::move(people), {});
    reply(ask, true);
  }

  void serve(Ask& ask, const PatchSubscription& command) {
    if (!state_.subscription) return refuse(ask, Refusal::subscription_not_found);
    Subscription& subscription = *state_.subscription;
    const Instant at = later(ask.at());
    const ChangeDecision decision =
        change(subscription, command.change, at, state_.context->directory->oldest_live());
    if (const auto* refusal = std::get_if<Refusal>(&decision)) return refuse(ask, *refusal);
    if (const auto* fact = std::get_if<Changed>(&decision)) {
      const std::vector<std::string> before = subscription.members;
      const Seq seq = record(ask, at, *fact);
      apply(subscription, Placed<Changed>{*fact, seq}, at);
      ++state_.gain;
      if (fact->members) {
        list(difference(subscription.members, before), difference(before, subscription.members));
      }
    }
    reply(ask);
  }

  void serve(Ask& ask, const TopUpSubscription& command) {
    if (!state_.subscription) return refuse(ask, Refusal::subscription_not_found);
    const Instant at = later(ask.at());
    const auto decision = billing::top_up(*state_.subscription, command.units);
    if (const auto* refusal = std::get_if<Refusal>(&decision)) return refuse(ask, *refusal);
    const auto& fact = std::get<ToppedUp>(decision);
    record(ask, at, fact);
    apply(*state_.subscription, fact, at);
    ++state_.gain;
    reply(ask, true);
  }

  std::vector<std::string> difference(const std::vector<std::string>& from,
                                      const std::vector<std::string>& without) const {
    std::vector<std::string> people;
    std::set_difference(from.begin(), from.end(), without.begin(), without.end(),
                        std::back_inserter(people));
    // The owner may use the subscription, whether or not he is a member too.
    std::erase(people, state_.subscription->patient);
    return people;
  }

  /// Rule 12: the directory hears of the people before the answer goes out.
  void list(std::vector<std::string> added, std::vector<std::string> removed) {
    state_.context->directory->list(
        {{state_.subscription->starts_at, state_.id}, std::move(added), std::move(removed)});
  }

  /// What it gives is recorded by this actor, which is asked for it.
  void give(SessionWalk& walk, Instant at, Fact fact, bool more = false) {
    const Seq seq = record(*walk.ask, at, fact, more);
    walk.given = Record{seq, at, std::move(fact)};
  }

  // Whether the question is answered.

  bool answers(StartWalk& walk) {
    const Instant at = later(walk.at);
    if (walk.probe) {
      return walk.could_give = could_start(*state_.subscription, walk.question, at);
    }
    auto fact = billing::start(*state_.subscription, walk.question, at);
    if (!fact) return false;
    apply(*state_.subscription, *fact, at);
    give(walk, at, std::move(*fact));
    return true;
  }

  bool answers(ChargeWalk& walk) {
    auto fact = billing::charge(*state_.subscription, walk.question);
    if (!fact) return false;
    const Instant at = later(walk.at);
    apply(*state_.subscription, *fact, at);
    const bool more = fact->units < walk.due;
    give(walk, at, std::move(*fact), more);
    return true;
  }

  bool answers(BalanceWalk& walk) {
    bool usable = false;
    for (const Channel channel : channels) {
      const Instant at = later(walk.at);
      if (!can_hold(*state_.subscription, {walk.patient, channel, at, at, false})) continue;
      walk.found.units[index(channel)] += state_.subscription->free(channel);
      usable = true;
    }
    if (usable) walk.found.subscriptions.push_back(state_.id);
    return false;
  }

  SubscriptionState& state_;
};

void enter(SubscriptionState& state, const Enter& enter) {
  const Context* const context = state.context;
  state = SubscriptionState(state.self);
  static_cast<Presence&>(state) = Presence(enter);
  state.context = context;
  state.loaded = !enter.left_with.empty();
  if (state.loaded) {
    unpack(enter.left_with, state);
  } else {
    load_row(*context, state.id, SubscriptionActor(state.self));
  }
}

/// From the moment the directory hears of it, the actor may be asked to enter as another one.
/// A subscription that holds units keeps its place, so that facts about them always find it.
void leave(SubscriptionState& state) {
  const bool holds = state.subscription && state.subscription->holds_any();
  state.context->directory->left(state, state.subscription ? packed(state) : std::string(),
                                 holds ? never : state.last_seq);
}

void carry_out(SubscriptionState& state, const Serve& message) { Step(state).serve(message.ask); }
void carry_out(SubscriptionState& state, const FactHeard& message) { Step(state).hear(message); }
template <class Walk>
void carry_out(SubscriptionState& state, const std::shared_ptr<Walk>& walk) {
  Step(state).walk(walk);
}

template <class Message>
void take(SubscriptionState& state, const Message& message) {
  ++state.handled;
  if (!state.loaded) {
    state.waiting.emplace_back(message);
    return;
  }
  carry_out(state, message);
  leave(state);
}

}  // namespace

SubscriptionActor::behavior_type subscription_actor(
    SubscriptionActor::stateful_pointer<SubscriptionState> self, const Context* context) {
  self->state.context = context;
  return {
      [self](const Enter& message) { enter(self->state, message); },
      [self](const Serve& message) { take(self->state, message); },
      [self](const Loaded& loaded) {
        SubscriptionState& state = self->state;
        state.loaded = true;
        if (const auto* row = std::get_if<Subscription>(&loaded.row)) state.subscription = *row;
        state.loaded_at = loaded.at;
        state.gain += loaded.at;  // or it would repeat what it was before the actor had left memory
        for (const auto& message : std::exchange(state.waiting, {})) {
          std::visit([&](const auto& waiting) { carry_out(state, waiting); }, message);
        }
        leave(state);
      },
      [self](const StartWalkPtr& message) { take(self->state, message); },
      [self](const ChargeWalkPtr& message) { take(self->state, message); },
      [self](const BalanceWalkPtr& message) { take(self->state, message); },
      [self](const FactHeard& message) { take(self->state, message); },
  };
}

}  // namespace toll::actors

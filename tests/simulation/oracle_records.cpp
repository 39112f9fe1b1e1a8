// Every record of the journal against the model.
#include <algorithm>
#include <sstream>

#include "tests/simulation/oracle.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/model_views.hpp"

namespace toll::tests {

using namespace billing;

namespace {

std::string text(Channel channel) { return std::string(name(channel)); }

bool contains(const std::vector<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

/// What a record about a session did to it, in the model.
struct Difference {
  model::SessionView before, after;
  std::int64_t processed() const { return after.processed - before.processed; }
  std::int64_t used() const { return after.used - before.used; }
  std::int64_t pay() const { return after.pay - before.pay; }
};

}  // namespace

/// One record carried out on the model; each function says what is wrong with its record.
struct Oracle::Follow {
  Oracle& oracle;
  Instant at;
  model::Model& model() { return *oracle.model_; }

  std::string decided(const Fact& fact) const {
    return std::erase(oracle.decided_, fact) > 0 ? "" : "nobody has said so";
  }

  template <class Act>
  Difference around(const std::string& session, const Act& act) {
    Difference difference;
    difference.before = model().session(session);
    act();
    difference.after = model().session(session);
    return difference;
  }

  Instant interval(const std::string& session) const {
    return oracle.policy_of(session).interval_ms();
  }

  std::string walk(const std::string& session, const std::string& gave, Instant boundary) {
    const Known& known = oracle.sessions_.at(session);
    const bool grandfather = oracle.policy_of(session).expiry == ExpiryPolicy::grandfather;
    return oracle.out_of_order(gave, [&](const model::Model& model) {
      return model.givers(known.patient, known.channel, boundary, known.created, grandfather);
    });
  }

  std::string operator()(const PolicyRecorded& f) {
    model::Rules rules = rules_of(f.policy);
    oracle.change_rules_(rules);
    if (f.version == 1) {
      oracle.model_.emplace(rules);
      oracle.moments_ = {{0, *oracle.model_}};
    } else {
      model().change_rules(rules);
    }
    oracle.policies_.push_back(f.policy);
    return f.version == oracle.policies_.size() ? "" : "a policy version is missing";
  }

  std::string operator()(const OutageBegan& f) {
    if (oracle.down_since_) return "an outage began inside another";
    oracle.down_since_ = f.since;
    ++oracle.outages_;
    model().outage_began(f.since);
    if (f.since < oracle.sign_given_) return "a sign of life is forgotten";
    if (oracle.refused_from_.contains(f.since)) return "";
    return f.since > oracle.sign_tried_ ? "an outage began after the last sign of life" : "";
  }

  std::string operator()(const Ready&) {
    if (!oracle.down_since_) return "ready without an outage";
    const std::string wrong = oracle.nothing_due(at);  // whatever fell into the outage is done
    oracle.down_since_.reset();
    oracle.sign_tried_ = std::max(oracle.sign_tried_, at);
    model().ready(at);
    return wrong;
  }

  std::string operator()(const OutageJudged& f) {
    if (oracle.down_since_ != f.since) return "it is about another outage";
    model().outage_judged(std::string(name(f.verdict)));
    return "";
  }

  std::string operator()(const Granted& f) {
    const auto found = oracle.granted_.find(f.fingerprint);
    if (found == oracle.granted_.end()) return "nobody has asked for it";
    const actors::PutSubscription& put = found->second;
    model::SubscriptionRequest request{put.id,
                                       put.patient,
                                       {put.members.begin(), put.members.end()},
                                       by_name(put.units),
                                       put.starts_at,
                                       put.ends_at,
                                       put.rollover_days,
                                       put.payment_ref.value_or("")};
    return model().put_subscription(at, request).created ? "" : "the model refuses it";
  }

  std::string operator()(const Changed& f) {
    model::SubscriptionPatch patch;
    patch.enabled = f.enabled;
    patch.ends_at = f.ends_at;
    if (f.members) patch.members.emplace(f.members->begin(), f.members->end());
    const bool asked =
        std::any_of(oracle.asked_.begin(), oracle.asked_.end(), [&](const Request& request) {
          const auto* c = command_if<actors::PatchSubscription>(request.command);
          return c && c->id == f.subscription && (!f.enabled || c->change.enabled == f.enabled) &&
                 (!f.members || c->change.members == f.members) &&
                 (!f.ends_at || c->change.ends_at == f.ends_at);
        });
    if (!asked) return "nobody has asked for it";
    return model().patch_subscription(at, f.subscription, patch).code;
  }

  std::string operator()(const ToppedUp& f) {
    return model().top_up(at, f.subscription, by_name(f.units)).code;
  }

  std::string operator()(const DoctorRegistered& f) {
    return model().put_doctor(at, f.doctor, std::string(f.currency.view())).code;
  }

  std::string operator()(const Created& f) {
    const model::SessionRequest request{f.session, text(f.channel), f.patient, f.doctor,
                                        f.external_ref.value_or("")};
    oracle.sessions_[f.session] = {f.policy_version, f.patient, request.channel,
                                   model().created_at(at)};
    if (f.policy_version != oracle.policies_.size()) return "not today's policy";
    std::string wrong = oracle.out_of_order(f.hold.subscription, [&](const model::Model& model) {
      return model.givers(f.patient, request.channel, at, model.created_at(at), false);
    });
    if (!wrong.empty()) return wrong;
    const model::Outcome outcome = model().start(at, request, f.hold.subscription);
    if (!outcome.created) return "the model refuses it: " + outcome.code;
    return model().session(f.session).held_on == f.hold.subscription ? "" : "another one gives";
  }

  std::string operator()(const DeadlineSet& f) {
    const auto outcome = model().message(at, f.session, "patient");
    if (!outcome.code.empty() || outcome.deducted > 0) return "something else was due first";
    return model().session(f.session).response_deadline == f.deadline ? "" : "another deadline";
  }

  std::string operator()(const Activated& f) {
    const auto outcome = model().activate(at, f.session);
    if (!outcome.code.empty() || outcome.deducted > 0) return "something else was due first";
    return model().session(f.session).activated_at == at ? "" : "it was active before";
  }

  std::string operator()(const Charged& f) {
    const auto before = model().session(f.session);
    if (before.status != "active") return "it is not active";
    if (before.processed + 1 != f.first_interval) return "not the next interval";
    if (before.held_on != f.taken.subscription) return "not the unit that was held";
    const Instant last = *before.next_wake + (f.units - 1) * interval(f.session);
    if (last > at) return "too early";
    std::string wrong = walk(f.session, f.hold.subscription, last);
    if (!wrong.empty()) return wrong;
    const auto did = around(f.session, [&] { model().wake(last, f.session, f.hold.subscription); });
    if (did.processed() != f.units || did.used() != f.units) return "not what is due";
    if (did.pay() != f.pay.amount) return "a wrong pay";
    return did.after.held_on == f.hold.subscription ? "" : "the next unit cannot come from there";
  }

  std::string operator()(const Forgiven& f) {
    if (!oracle.down_since_) return "there is no outage";
    const auto before = model().session(f.session);
    if (before.processed + 1 != f.first_interval) return "not the next interval";
    const Instant last = *before.next_wake + (f.intervals - 1) * interval(f.session);
    if (last > at) return "too early";
    const auto did = around(f.session, [&] { model().wake(last, f.session); });
    return did.processed() == f.intervals && did.used() == 0 ? "" : "these have to be paid";
  }

  std::string operator()(const Ended& f) {
    const bool exhausted = f.end_reason == EndReason::exhausted;
    if (exhausted) {
      const std::string wrong = walk(f.session, "", f.ended_at);
      if (!wrong.empty()) return wrong;
    }
    const auto did = around(f.session, [&] {
      if (exhausted) {
        model().wake(f.ended_at, f.session, "");
      } else if (f.end_reason == EndReason::hangup || f.end_reason == EndReason::cancelled) {
        model().end(at, f.session, std::string(name(f.ended_by)));
      } else {
        model().wake(at, f.session);
      }
    });
    if (did.before.ended_at) return "it was over before";
    if (did.before.held_on != f.hold.subscription) return "not the unit that was held";
    if (f.ended_at > at) return "too early";
    if (did.used() != f.units || did.pay() != f.pay.amount) {
      return "it takes " + std::to_string(f.units) + " and pays " + std::to_string(f.pay.amount) +
             ", the model " + std::to_string(did.used()) + " and " + std::to_string(did.pay());
    }
    const bool same = did.after.status == name(f.status) && did.after.ended_at == f.ended_at &&
                      did.after.end_reason == name(f.end_reason) && did.after.manual == f.manual();
    return same ? "" : "it ends in another way: " + did.after.end_reason;
  }

  std::string operator()(const Refunded& f) {
    const auto did = around(f.session, [&] { model().refund(at, f.session, f.units); });
    if (did.used() != 0) return "something else was due first";
    if (did.after.refunded - did.before.refunded != f.units) return "it was not charged for";
    if (-did.pay() != f.pay.amount) return "a wrong pay";
    auto before = did.before.taken_from;
    auto after = did.after.taken_from;
    return before[f.payer.subscription] - after[f.payer.subscription] == f.units
               ? ""
               : "the units came from another subscription";
  }

  std::string operator()(const WithdrawalRequested& f) {
    return model()
        .withdraw(f.withdrawal, f.doctor, f.amount.amount, std::string(f.amount.currency.view()))
        .code;
  }

  std::string operator()(const WithdrawalMoved& f) {
    return model().move_withdrawal(f.withdrawal, std::string(name(f.status))).code;
  }

  std::string operator()(const BatchAnswered&) { return ""; }
  std::string operator()(const ClockAdvanced&) { return "nobody has moved the clock"; }
  std::string operator()(const HistoryGivenUp&) { return "nobody has given up anything"; }
  std::string operator()(const ClockAccepted& f) {
    oracle.clock_offset_ = {};
    return decided(f);
  }
  std::string operator()(const ClockResumed& f) {
    oracle.clock_offset_ = {at, f.offset_ms};
    return decided(f);
  }
};

std::string Oracle::follow(const Record& record, Instant now) {
  std::string wrong;
  if (record.seq != seen_ + 1) wrong = "a record is missing";
  if (record.at > now) wrong = "it comes from the future";
  if (!model_ && !std::holds_alternative<PolicyRecorded>(record.fact)) {
    wrong = "there is no policy yet";
  }
  if (record.cause && !keys_.emplace(record.cause->key, record.seq).second) {
    wrong = "its key was used before";
  }
  if (wrong.empty()) wrong = std::visit(Follow{*this, record.at}, record.fact);
  if (wrong.empty()) {
    if (const auto violation = books_.add(record)) wrong = "the books: " + *violation;
  }
  if (!wrong.empty()) return "record " + in_words(record) + ": " + wrong;
  std::visit(
      [&](const auto& fact) {
        if constexpr (requires { fact.session; }) touched_.insert(fact.session);
      },
      record.fact);
  seen_ = record.seq;
  moments_.push_back({seen_, *model_});
  return "";
}

std::string Oracle::out_of_order(
    const std::string& gave,
    const std::function<std::vector<std::string>(const model::Model&)>& givers) const {
  for (const std::string& better : givers(*model_)) {
    if (better == gave) return "";
    // It was asked before the one that gave, at some point of this step.
    const bool could_not = std::any_of(moments_.begin(), moments_.end(), [&](const Moment& moment) {
      return !contains(givers(moment.model), better);
    });
    if (!could_not) {
      return better + " could have given, but " + (gave.empty() ? "nobody" : gave) + " did";
    }
  }
  return gave.empty() ? "" : gave + " cannot give";
}

std::string Oracle::totals() const {
  const auto violation = books_.compare_totals();
  return violation ? "the books: " + *violation : "";
}

}  // namespace toll::tests

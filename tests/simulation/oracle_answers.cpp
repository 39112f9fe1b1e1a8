// Every answer against the model.
#include <algorithm>
#include <sstream>

#include "tests/simulation/oracle.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/model_views.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

/// 128 bits of a text: there are few keys in a story.
RequestDigest digest(const std::string& text) {
  RequestDigest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const std::size_t part = std::hash<std::string>{}(text + std::to_string(i / 8));
    digest[i] = static_cast<char>(part >> (i % 8 * 8));
  }
  return digest;
}

struct Asked {
  model::Model& model;
  Instant at;
  using Said = std::optional<model::Outcome>;

  Said operator()(const StartSession& c) {
    return model.start(
        at, {c.id, std::string(name(c.channel)), c.patient, c.doctor, c.external_ref.value_or("")});
  }
  Said operator()(const SendMessage& c) {
    return model.message(at, c.session, std::string(name(c.from)));
  }
  Said operator()(const ActivateSession& c) { return model.activate(at, c.session); }
  Said operator()(const DeductUnits& c) { return model.deduct(at, c.session); }
  Said operator()(const EndSession& c) { return model.end(at, c.session, std::string(name(c.by))); }
  Said operator()(const GetSession& c) { return exists(model.sessions(), c.session, "session"); }
  Said operator()(const RefundUnits& c) { return model.refund(at, c.session, c.units); }
  Said operator()(const PutSubscription& c) {
    return model.put_subscription(at, {c.id,
                                       c.patient,
                                       {c.members.begin(), c.members.end()},
                                       by_name(c.units),
                                       c.starts_at,
                                       c.ends_at,
                                       c.rollover_days,
                                       c.payment_ref.value_or("")});
  }
  Said operator()(const PatchSubscription& c) {
    model::SubscriptionPatch patch;
    patch.enabled = c.change.enabled;
    patch.ends_at = c.change.ends_at;
    if (c.change.members) patch.members.emplace(c.change.members->begin(), c.change.members->end());
    return model.patch_subscription(at, c.id, patch);
  }
  Said operator()(const TopUpSubscription& c) { return model.top_up(at, c.id, by_name(c.units)); }
  Said operator()(const GetSubscription& c) {
    return exists(model.subscriptions(), c.id, "subscription");
  }
  Said operator()(const PutDoctor& c) {
    return model.put_doctor(
        at, c.id, c.currency ? std::optional(std::string(c.currency->view())) : std::nullopt);
  }
  Said operator()(const GetWallet& c) { return exists(model.doctors(), c.doctor, "doctor"); }
  Said operator()(const RequestWithdrawal& c) {
    return model.withdraw(c.id, c.doctor, c.amount.amount, std::string(c.amount.currency.view()));
  }
  Said operator()(const MoveWithdrawal& c) {
    return model.move_withdrawal(c.id, std::string(name(c.to)));
  }
  template <class Other>
  Said operator()(const Other&) {
    return std::nullopt;
  }

  static model::Outcome exists(const std::vector<std::string>& ids, const std::string& id,
                               const std::string& what) {
    model::Outcome outcome;
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) outcome.code = what + "_not_found";
    return outcome;
  }
};

/// The session that a command settles before it is answered.
const std::string* settles(const Command& command) {
  return visit_command(
      [](const auto& c) -> const std::string* {
        if constexpr (std::is_same_v<std::decay_t<decltype(c)>, GetSession>) {
          return nullptr;
        } else if constexpr (requires { c.session; }) {
          return &c.session;
        } else {
          return nullptr;
        }
      },
      command);
}

bool has(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool has_session(const model::Model& model, const std::string& id) {
  return has(model.sessions(), id);
}

}  // namespace

bool replayed(const Answer& answer) {
  return std::visit(
      [](const auto& value) {
        if constexpr (requires { value.replayed; }) return value.replayed;
        return false;
      },
      answer);
}

std::optional<model::Outcome> ask(model::Model& model, const Command& command, Instant at) {
  return visit_command(Asked{model, at}, command);
}

Cause cause_of(const Request& request) {
  Cause cause;
  cause.key = digest(request.key);
  cause.request = digest(kind_of(request.command) + in_words(request));
  return cause;
}

void Oracle::begin_step() {
  asked_.clear();
  decided_.clear();
  touched_.clear();
  moments_.clear();
  if (model_) moments_.push_back({seen_, *model_});
}

void Oracle::asked(const Request& request) {
  asked_.push_back(request);
  if (const auto* put = command_if<PutSubscription>(request.command)) {
    granted_.emplace(put->fingerprint, *put);
  }
}

const Policy& Oracle::policy_of(const std::string& session) const {
  return policies_.at(sessions_.at(session).policy - 1);
}

std::optional<Seq> Oracle::kept(const std::string& key) const {
  const auto found = keys_.find(digest(key));
  return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

std::int64_t Oracle::taken(const std::string& session) const {
  const model::Model& before = moments_.front().model;
  const std::int64_t used = has_session(before, session) ? before.session(session).used : 0;
  return model_->session(session).used - used;
}

const model::Model& Oracle::at_answer(const Call& call) const {
  const auto after = std::find_if(moments_.begin(), moments_.end(), [&](const Moment& moment) {
    return moment.seq > call.durable_at_answer;
  });
  return std::prev(after)->model;
}

std::string Oracle::consequences(const Request& request, const Call& call) const {
  const std::string* const session = settles(request.command);
  if (!session) return "";
  model::Model model = at_answer(call);
  if (!has_session(model, *session)) return "there is no such session";
  const model::SessionView view = model.session(*session);
  const Command& command = request.command;
  if (is_command<EndSession>(command) && !view.ended_at) return "it is not over";
  const auto* message = command_if<SendMessage>(command);
  const bool activates =
      is_command<ActivateSession>(command) || (message && message->from == Party::doctor);
  if (activates && view.status == "waiting") return "it is not active";
  model.wake(call.at, *session);
  return model.session(*session) == view ? "" : "something was due before";
}

std::string Oracle::check(const Request& request, const Call& call, Seq floor) const {
  const auto* refusal = call.as<Refusal>();
  const auto* answer = call.as<SessionAnswer>();
  const auto* wallet = call.as<DoctorAnswer>();
  if (is_command<WakeSession>(request.command) || call.as<Unavailable>()) return "";
  if (replayed(*call.answer)) return "";
  const std::string got = refusal ? std::string(code(*refusal)) : "";
  std::set<std::string> possible;
  bool said = false;
  bool seen = false;
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    // A state was there until the next one was.
    if (moments_[i].seq > call.durable_at_answer) break;
    if (i + 1 < moments_.size() && moments_[i + 1].seq <= floor) continue;
    model::Model model = moments_[i].model;
    const auto* reads = command_if<GetWallet>(request.command);
    if (reads && wallet && has(model.doctors(), reads->doctor)) {
      seen |= view_of(wallet->doctor) == model.wallet(reads->doctor);
    }
    if (answer && has_session(model, answer->session.id)) {
      const auto& session = answer->session;
      seen |= view_of(session, policy_of(session.id)) == model.session(session.id);
    }
    const auto outcome = ask(model, request.command, call.at);
    said |= !outcome || outcome->code == got;
    if (outcome) possible.insert(outcome->code.empty() ? "granted" : outcome->code);
  }
  std::string wrong;
  if (!said) {
    wrong = (got.empty() ? "granted" : got) + ", but possible was";
    for (const std::string& code : possible) wrong += ' ' + code;
  } else if ((answer || (wallet && is_command<GetWallet>(request.command))) && !seen) {
    wrong = "it shows what never was";
  } else if (!refusal) {
    wrong = consequences(request, call);
  }
  return wrong.empty() ? "" : "the answer to \"" + in_words(request) + "\": " + wrong;
}

std::string Oracle::nothing_due(Instant now) const {
  model::Model model = *model_;
  for (const std::string& id : model.sessions()) {
    const model::SessionView before = model.session(id);
    if (before.ended_at) continue;
    model.wake(now, id);
    if (model.session(id) != before) return "something is due on " + id + " and was not done";
  }
  return "";
}

}  // namespace toll::tests

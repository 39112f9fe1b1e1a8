#include "tests/simulation/world.hpp"

#include <fstream>

#include "actors/clock_check.hpp"
#include "persistence/verify.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/model_views.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

/// May be sent again by a client that has no key for it.
bool harmless_again(const Command& command) {
  return !is_command<TopUpSubscription, RefundUnits, RequestWithdrawal>(command);
}

std::string answer_in_words(const Call& call) {
  if (!call.answer) return "no answer";
  if (call.as<Unavailable>()) return "unavailable";
  if (const auto* refusal = call.as<Refusal>()) return std::string(code(*refusal));
  const auto* session = call.as<SessionAnswer>();
  if (!session) return "done";
  return "done, " + std::to_string(session->deducted) + " deducted" +
         (session->replayed ? ", as before" : "");
}

/// The same request with the same key is told the same, but for whether it was told before.
bool same_answer(Answer a, Answer b) {
  const auto forget = [](Answer& answer) {
    std::visit(
        [](auto& value) {
          if constexpr (requires { value.replayed; }) value.replayed = false;
        },
        answer);
  };
  forget(a);
  forget(b);
  return a == b;
}

bool has_effect(const Answer& answer) {
  return !std::holds_alternative<Unavailable>(answer) && !std::holds_alternative<Refusal>(answer);
}

}  // namespace

World::World(const Story& story, std::function<void(model::Rules&)> change_rules)
    : story_(story),
      server_(story.seed, start_of_story, story.policy, story.limits),
      oracle_(std::move(change_rules)) {}

Played World::play() {
  server_.boot();
  oracle_.sign_of_life_tried(server_.now());
  oracle_.sign_of_life_given(server_.now());
  played_.wrong = follow();
  for (const Step& step : story_.steps) {
    if (!played_.wrong.empty()) break;
    ++told_;
    trace("step " + std::to_string(told_) + ":" + in_words(step));
    played_.wrong = play(step);
    if (!played_.wrong.empty()) {
      played_.wrong = "step " + std::to_string(told_) + ": " + played_.wrong;
    }
  }
  played_.steps = static_cast<int>(told_);
  played_.records = oracle_.seen();
  if (!played_.wrong.empty()) return std::move(played_);
  server_.stop();
  // A storage with a disk of its own takes no lock, but who verifies a directory wants one.
  std::ofstream(server_.directory() + "/LOCK.toll");
  try {
    persistence::verify(server_.directory());
  } catch (const persistence::StorageError& error) {
    played_.wrong = std::string("verify: ") + error.what();
  }
  return std::move(played_);
}

std::string World::play(const Step& step) {
  server_.reseed(step.seed);
  oracle_.begin_step();
  set_room(!step.disk_full);
  sent_.clear();
  sent_before_ = 0;
  const bool lost = step.fault != Fault::none;
  const int outages_before = oracle_.outages();
  try {
    if (step.wall_jump_ms != 0) step_wall(step.wall_jump_ms);
    if (step.clock_word) {
      if (std::string wrong = say(*step.clock_word); !wrong.empty()) return wrong;
    }
    if (step.pass_ms > 0 || step.clock_word) pass_time(step);
    if (std::string wrong = follow(); !wrong.empty()) return wrong;
    if (step.fault == Fault::sync_fails) server_.fail_at_sync(step.fault_after);
    if (std::string wrong = send_all(step); !wrong.empty()) return wrong;
    if (step.fault == Fault::crash) {
      move(step.fault_after);
    } else {
      server_.settle();
    }
    if (step.fault == Fault::none && !step.disk_full) sign_of_life();
  } catch (const DiskBroke&) {
    ++played_.failures;
    if (!lost) return "the disk broke by itself";
  }
  count_met();
  if (lost) {
    come_back(step);
    if (std::string wrong = follow(); !wrong.empty()) return wrong;
    if (oracle_.outages() == outages_before) return "an outage is not on record";
    if (std::string wrong = restart_clock(); !wrong.empty()) return wrong;
    oracle_.sign_of_life_tried(server_.now());
    oracle_.sign_of_life_given(server_.now());
    if (std::string wrong = ask_again(); !wrong.empty()) return wrong;
    server_.settle();
  }
  const bool ticked = step.pass_ms > 0 || step.clock_word || lost;
  if (step.disk_full) {
    const bool long_enough = step.pass_ms >= story_.limits.longest_refusal_ms;
    set_room(true);
    server_.tick();
    server_.settle();
    if (std::string wrong = follow(); !wrong.empty()) return wrong;
    if (oracle_.outage_under_way()) return "the outage goes on though there is room";
    if (long_enough && oracle_.outages() == outages_before) return "a full disk is no outage";
  }
  for (const Sent& sent : sent_) {
    trace("  " + in_words(sent.request) + " -> " + answer_in_words(*sent.call));
  }
  std::string wrong = follow();
  if (wrong.empty()) wrong = wrong_time();
  if (wrong.empty()) wrong = check_answers();
  if (wrong.empty() && ticked) wrong = oracle_.nothing_due(server_.now());
  if (wrong.empty()) wrong = oracle_.totals();
  if (wrong.empty()) wrong = difference(lost);
  if (wrong.empty()) wrong = timers_left_over();
  return wrong;
}

std::string World::timers_left_over() {
  const Counters& counters = server_.core().counters();
  if (counters.timers == counters.live_sessions) return "";
  return std::to_string(counters.timers) + " timers are set for " +
         std::to_string(counters.live_sessions) + " live sessions";
}

void World::set_room(bool has_room) {
  if (!has_room && server_.has_room) oracle_.refused_from(server_.now());
  server_.has_room = has_room;
  server_.watch();
}

std::string World::send(const Request& request) {
  const auto waiting = std::count_if(sent_.begin() + std::ptrdiff_t(sent_before_), sent_.end(),
                                     [](const Sent& sent) { return !sent.call->answer; });
  const bool overloaded = !server_.core().has_capacity();
  if (overloaded != (waiting >= story_.limits.asks_at_door)) {
    return "the door " + std::string(overloaded ? "refuses" : "takes") + " a request beside " +
           std::to_string(waiting);
  }
  Sent sent{request,
            nullptr,
            server_.storage().journal().durable(),
            {Coverage::at_door(request.command, overloaded, !server_.has_room)}};
  const bool refuses = server_.core().refuses_changes().has_value();
  if (!refuses && !server_.has_room) return "the door takes changes on a full disk";
  const bool refused = refuses && !only_reads(request.command);
  const bool kept = refused && only_ends(request.command);
  const bool reserve = waiting < story_.limits.ends_reserve * story_.limits.asks_at_door;
  if (kept && server_.core().takes_ends() != reserve) return "an end is refused on a full disk";
  if (kept ? !reserve : overloaded || refused) {
    sent.call = std::make_shared<Call>(Call{request.command, server_.now(), Unavailable{}, 0, 0});
  } else {
    oracle_.asked(request);
    sent.met.push_back(Coverage::pair(oracle_.model(), request.command, server_.now()));
    sent.call = server_.issue(
        request.command, request.key.empty() ? std::nullopt : std::optional(cause_of(request)));
  }
  sent_.push_back(std::move(sent));
  return "";
}

std::string World::send_all(const Step& step) {
  for (const Request& request : step.requests) {
    if (server_.pick(4) == 0) move(server_.pick(16));
    if (step.disk_full) set_room(server_.pick(4) == 0);
    std::string wrong = follow();
    if (wrong.empty()) wrong = send(request);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

void World::move(std::uint64_t moves) {
  while (moves > 0 && server_.step()) --moves;
}

void World::sign_of_life() {
  oracle_.sign_of_life_tried(server_.now());
  server_.storage().record_sign_of_life(server_.now());
  oracle_.sign_of_life_given(server_.now());
  if (oracle_.clock_offset().ms > 0 && !clock_.leads()) oracle_.decided(ClockResumed{0});
  server_.clock_keeper().look();
  server_.settle();
}

void World::come_back(const Step& step) {
  const Seq durable = server_.storage().journal().durable();
  server_.crash(step.unsynced);
  ++played_.crashes;
  sent_before_ = sent_.size();
  if (step.policy) server_.set_policy(*step.policy);
  away(step.down_ms, step.down_jump_ms);
  unkept_ = step.clock_unkept;
  server_.kernel_keeps_clock = !unkept_;
  for (std::uint64_t fails_at = step.recovery_fails_at;; fails_at = 0) {
    if (fails_at > 0) server_.fail_at_sync(fails_at);
    try {
      server_.boot();
      server_.fail_at_sync(0);
      break;
    } catch (const ClockNotBelieved& clock) {
      // It is put right.
      away(0, clock.last_recorded + minute - clock_.wall());
      continue;
    } catch (const DiskBroke&) {
    } catch (const persistence::StorageError&) {
      if (!server_.disk_failed()) throw;
    }
    ++played_.failures;
    ++played_.crashes;
    oracle_.sign_of_life_tried(std::max(clock_.wall(), server_.now()));
    server_.crash(step.unsynced);
    away(minute, 0);
  }
  const auto last = server_.storage().rows().events(durable > 0 ? durable - 1 : 0, 1);
  if (!last.empty()) played_.coverage.ended_with(std::string(name(last.front().fact)));
}

std::string World::ask_again() {
  const std::vector<Sent> before = sent_;
  for (const Sent& sent : before) {
    if (sent.request.key.empty() && (sent.call->answer || !harmless_again(sent.request.command))) {
      continue;
    }
    if (std::string wrong = send(sent.request); !wrong.empty()) return wrong;
  }
  return "";
}

void World::count_met() {
  for (const Sent& sent : sent_) {
    for (const Coverage::Pair& pair : sent.met) played_.coverage.met(pair, !sent.call->answer);
  }
}

std::string World::follow() {
  const auto records = server_.storage().rows().events(oracle_.seen(), 100'000);
  for (const Record& record : records) {
    trace("  " + in_words(record));
    std::string wrong = oracle_.follow(record, server_.now());
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string World::check_answers() const {
  // Each request is an ask of a session, and may wake another one; a timer is one more.
  const bool queue_may_be_full = 2 * sent_.size() + 1 > story_.limits.session_queue;
  for (std::size_t i = 0; i < sent_.size(); ++i) {
    const Sent& sent = sent_[i];
    const bool lost = i < sent_before_;
    if (!sent.call->answer) {
      if (!lost) return "no answer to \"" + in_words(sent.request) + '"';
      continue;
    }
    const bool refused = sent.call->order == 0;
    if (sent.call->as<Unavailable>() && !lost && !queue_may_be_full && !refused) {
      return "unavailable without need: \"" + in_words(sent.request) + '"';
    }
    std::string wrong = oracle_.check(sent.request, *sent.call, sent.floor);
    if (!wrong.empty()) return wrong;
  }
  const std::string wrong = check_keys();
  return wrong.empty() ? check_sums() : wrong;
}

std::string World::check_keys() const {
  std::map<std::string, Answer> told;
  for (const Sent& sent : sent_) {
    if (sent.request.key.empty() || !sent.call->answer || !has_effect(*sent.call->answer)) continue;
    const std::optional<Seq> kept = oracle_.kept(sent.request.key);
    // A request that changed nothing keeps no key: sent again later, it may change something.
    if (!kept || sent.call->durable_at_answer < *kept) continue;
    const Answer& answer = *sent.call->answer;
    if (!replayed(answer)) {
      if (sent.floor >= *kept) return "its key is forgotten: \"" + in_words(sent.request) + '"';
      told.insert_or_assign(sent.request.key, answer);
      continue;
    }
    const auto before = told.find(sent.request.key);
    if (before != told.end() && !same_answer(before->second, answer)) {
      return "two answers to \"" + in_words(sent.request) + '"';
    }
  }
  return "";
}

std::string World::check_sums() const {
  std::map<std::string, std::int64_t> told;
  std::set<std::string> keys;
  for (const Sent& sent : sent_) {
    if (!sent.request.key.empty() && !keys.insert(sent.request.key).second) continue;
    if (const auto* answer = sent.call->as<SessionAnswer>()) {
      if (!answer->replayed) told[answer->session.id] += answer->deducted;
    } else if (const auto* batch = sent.call->as<BatchAnswer>()) {
      for (std::size_t i = 0; !batch->replayed && i < batch->items.size(); ++i) {
        if (batch->items[i].deducted > 0) told[batch->sessions[i]] += batch->items[i].deducted;
      }
    }
  }
  for (const auto& [session, units] : told) {
    if (units > oracle_.taken(session)) {
      return "answers say " + std::to_string(units) + " units of " + session + ", the journal " +
             std::to_string(oracle_.taken(session));
    }
  }
  return "";
}

template <class Answer>
std::optional<Answer> World::ask(Command command) {
  const CallPtr call = server_.call(std::move(command));
  const Answer* answer = call->as<Answer>();
  return answer ? std::optional(*answer) : std::nullopt;
}

std::string World::difference_of_session(const std::string& id) {
  const auto answer = ask<SessionAnswer>(GetSession{id});
  if (!answer) return "session " + id + " is missing";
  const auto view = view_of(answer->session, oracle_.policy_of(id));
  const auto expected = oracle_.model().session(id);
  if (view == expected) return "";
  return "session " + id + ": " + view.status + ", used " + std::to_string(view.used) +
         ", the model: " + expected.status + ", used " + std::to_string(expected.used);
}

std::string World::difference(bool everything) {
  const model::Model& model = oracle_.model();
  for (const std::string& id : model.sessions()) {
    if (!everything && !oracle_.touched().contains(id) && server_.pick(8) != 0) continue;
    std::string wrong = difference_of_session(id);
    if (!wrong.empty()) return wrong;
  }
  for (const std::string& id : model.subscriptions()) {
    const auto answer = ask<SubscriptionAnswer>(GetSubscription{id});
    if (!answer) return "subscription " + id + " is missing";
    if (view_of(answer->subscription, server_.now()) != model.subscription(id, server_.now())) {
      return "subscription " + id + " differs";
    }
  }
  for (const std::string& id : model.doctors()) {
    const auto answer = ask<DoctorAnswer>(GetWallet{id});
    if (!answer) return "doctor " + id + " is missing";
    if (view_of(answer->doctor) != model.wallet(id)) return "the wallet of " + id + " differs";
  }
  for (const char* patient : {"p1", "p2", "p3", "p4"}) {
    const auto answer = ask<BalanceAnswer>(GetBalance{patient});
    if (!answer) return std::string("no balance of ") + patient;
    if (by_name(answer->units) != model.balance(patient, server_.now())) {
      return std::string("the balance of ") + patient + " differs";
    }
  }
  return "";
}

}  // namespace toll::tests

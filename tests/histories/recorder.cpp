#include "tests/histories/recorder.hpp"

#include <atomic>
#include <barrier>
#include <thread>

namespace toll::tests {

using test::Api;
using test::Json;
using test::Reply;

namespace {

constexpr int clients = 4;
constexpr int requests = 6;
constexpr int calls = 3;

/// The answer in the words of Spec.
std::string words(const Operation& operation, const Reply& reply) {
  if (!reply.code().empty()) return reply.code();
  const Json& body = reply.body;
  const auto number = [&](const char* field) { return std::to_string(body[field].get<int>()); };
  const std::string& kind = operation.kind;
  if (kind == "start") return reply.status == 201 ? "created" : "found";
  if (kind == "deduct") return "deducted " + number("deducted");
  if (kind == "session") {
    return body["status"].get<std::string>() + ", used " + number("sessions_used") + ", refunded " +
           number("units_refunded");
  }
  if (kind == "subscription") {
    const Json& units = body["units"]["voice"];
    std::string text = body["status"];
    for (const char* field : {"granted", "taken", "refunded", "held", "free"}) {
      text += ", " + std::string(field) + ' ' + std::to_string(units[field].get<int>());
    }
    return text;
  }
  if (kind != "end") return "done";
  return "deducted " + number("deducted") + (body["manual_unit"] == true ? ", manual" : "") +
         (body["already_ended"] == true ? ", over before" : "");
}

Reply send(Api& api, const Operation& it) {
  const std::string session = "/v1/sessions/" + it.id;
  if (it.kind == "start") {
    return api.post("/v1/sessions", test::start_body(it.id, "voice", it.patient, it.doctor));
  }
  if (it.kind == "session") return api.get(session);
  if (it.kind == "subscription") return api.get("/v1/subscriptions/" + it.id);
  if (it.kind == "end") return api.post(session + "/end", {{"ended_by", it.to}});
  if (it.kind == "status") return api.patch("/v1/subscriptions/" + it.id, {{"status", it.to}});
  if (it.kind == "members") {
    const Json members = it.to.empty() ? Json::array() : Json::array({it.to});
    return api.patch("/v1/subscriptions/" + it.id, {{"members", members}});
  }
  if (it.kind == "refund") {
    return api.post(session + "/refunds", {{"units", it.number}, {"reason", "sorry"}});
  }
  if (it.kind == "top-up") {
    return api.post("/v1/subscriptions/" + it.id + "/topups", {{"units", {{"voice", it.number}}}});
  }
  return api.post(session + '/' + it.kind);
}

}  // namespace

std::string Recorder::name(const char* what, std::uint64_t number) const {
  return what + std::to_string(rounds_) + "-" + std::to_string(number);
}

History Recorder::plan_of_client() {
  History plan;
  for (int i = 0; i < requests; ++i) {
    static constexpr const char* kinds[] = {
        "start",   "start",   "activate", "activate", "deduct", "deduct",  "end",         "end",
        "session", "session", "refund",   "top-up",   "status", "members", "subscription"};
    static constexpr std::size_t of_sessions = 11;  // the first ones
    static constexpr const char* parties[] = {"patient", "doctor", "server"};
    Operation it;
    const std::uint64_t drawn = pick(i == 0 ? 2 : std::size(kinds));
    it.kind = kinds[drawn];
    const std::uint64_t call = pick(calls);
    it.id = drawn < of_sessions ? name("x", call) : name("s", 0);
    if (it.kind == "end") it.to = parties[pick(std::size(parties))];
    if (it.kind == "status") it.to = pick(3) == 0 ? "disabled" : "active";
    if (it.kind == "members" && pick(2) == 0) it.to = name("p", 1);
    if (it.kind == "start") {
      it.patient = patient_of(call);
      it.doctor = doctor_of(call);
    }
    if (it.kind == "top-up" || it.kind == "refund") it.number = 1;
    plan.push_back(std::move(it));
  }
  return plan;
}

void Recorder::add_what_the_server_does(const Operation& it, History& history) const {
  Operation meanwhile = it;
  meanwhile.answered = false;
  meanwhile.answer.clear();
  const bool moves = run_timers_ && it.kind == "clock";
  const bool may_notice = it.kind == "start" && it.answer != "found";
  for (std::uint64_t call = 0; call < calls; ++call) {
    const bool in_its_way = it.patient == patient_of(call) || it.doctor == doctor_of(call);
    meanwhile.id = name("x", call);
    if (meanwhile.id == it.id || !(moves || (may_notice && in_its_way))) continue;
    meanwhile.kind = moves ? "timer" : "notice";
    history.push_back(meanwhile);
  }
  meanwhile.kind = "on the way";
  meanwhile.id.clear();
  for (int stops = 0; moves && stops < calls; ++stops) history.push_back(meanwhile);
}

Recorded Recorder::round() {
  ++rounds_;
  const auto units = static_cast<int>(1 + pick(4));
  toll_.api().grant(name("s", 0), name("p", 0), units, {{"members", {name("p", 1)}}});
  const Spec start(midnight + clock_ms_, name("s", 0), name("p", 0), {name("p", 1)}, units);

  constexpr int clock_moves = 2;
  std::vector<History> plans;
  for (int c = 0; c < clients; ++c) plans.push_back(plan_of_client());
  History moves;
  for (int i = 0; i < clock_moves; ++i) {
    Operation move;
    move.kind = "clock";
    clock_ms_ += std::int64_t(1 + pick(10)) * 60'000;
    move.number = midnight + clock_ms_;
    moves.push_back(move);
  }
  plans.push_back(moves);

  std::atomic<std::int64_t> ticks{0};
  std::atomic<std::int64_t> shown{start.now()};
  std::barrier gate(static_cast<std::ptrdiff_t>(plans.size()));
  const auto play = [&](History& plan) {
    Api api(toll_.server());
    api.client().connect();
    gate.arrive_and_wait();
    for (Operation& it : plan) {
      it.clock = shown;
      it.invoked = ++ticks;
      try {
        if (it.kind == "clock") {
          api.post("/v1/test/clock",
                   {{"advance_ms", it.number - shown}, {"run_timers", run_timers_}});
          shown = it.number;
        } else {
          it.answer = words(it, send(api, it));
        }
      } catch (const test::LostAnswer&) {
        it.answered = false;
      }
      it.returned = ++ticks;
    }
  };
  std::vector<std::jthread> threads;
  for (History& plan : plans) threads.emplace_back([&play, &plan] { play(plan); });
  threads.clear();

  Recorded recorded{start, {}};
  for (const History& plan : plans) {
    recorded.history.insert(recorded.history.end(), plan.begin(), plan.end());
  }
  for (const History& plan : plans) {
    for (const Operation& it : plan) add_what_the_server_does(it, recorded.history);
  }
  // Those of one round move no clock of the next one.
  for (std::uint64_t call = 0; call < calls; ++call) {
    toll_.api().post("/v1/sessions/" + name("x", call) + "/end", {{"ended_by", "server"}});
  }
  return recorded;
}

}  // namespace toll::tests

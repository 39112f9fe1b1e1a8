#include "bench/http/mixed.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace toll::bench {

namespace {

constexpr std::size_t connections_a_visit = 4;
constexpr std::size_t family = 10;
constexpr std::uint64_t seed = 20260101;
constexpr int conflict = 409, payment_required = 402;

constexpr const char* channels[] = {"text", "voice", "video"};
constexpr double lengths[] = {0.3, 0.7, 1, 1, 1.5, 2, 2, 2.4, 3, 3, 3.5};  // in intervals
constexpr const char* askers[] = {"patient-phone", "doctor-phone", "call-server", "retry"};

std::string request(std::string_view method, const std::string& target,
                    const std::string& body = {}) {
  std::string bytes;
  put_request(bytes, method, target, body);
  return bytes;
}

std::string start_body(const std::string& session, const char* channel, const std::string& patient,
                       const std::string& doctor) {
  return "{\"id\":\"" + session + "\",\"channel\":\"" + channel + "\",\"patient_id\":\"" + patient +
         "\",\"doctor_id\":\"" + doctor + "\"}";
}

}  // namespace

std::size_t MixedDay::doctors(std::size_t connections) {
  return std::max<std::size_t>(1, connections / connections_a_visit);
}

MixedDay::MixedDay(std::size_t connections, const Names& names, Numbers first, bool clock_moves,
                   std::chrono::duration<double> time)
    : names_(names),
      end_(Traffic::Clock::now() + std::chrono::duration_cast<Traffic::Clock::duration>(time)),
      random_(seed + first.visit),
      visits_(doctors(connections)),
      asked_(connections),
      wait_ms_(clock_moves ? interval_ms / static_cast<std::int64_t>(visits_.size()) : 0),
      next_(first) {
  for (Visit& visit : visits_) begin(visit);
}

/// Draws the next consultation, in the shares of tools/demo.
void MixedDay::begin(Visit& visit) {
  visit = {};
  if (Traffic::Clock::now() >= end_) {
    visit.over = true;
    return;
  }
  const auto draw = [this](std::size_t below) { return random_() % below; };
  visit.number = next_.visit++;
  visit.patient = id(names_.patient, visit.number);
  visit.session = id(names_.session, visit.number);
  visit.other = visit.session + "-other";
  visit.channel = channels[draw(std::size(channels))];
  const std::size_t fate = draw(100);
  visit.fate = fate < 84 ? Fate::talk : fate < 94 ? Fate::unanswered : Fate::cancelled;
  visit.boundaries = static_cast<int>(lengths[draw(std::size(lengths))]);
  const std::size_t start = draw(100);
  visit.starts = start < 60 ? 1 : 2;
  visit.same_start = start < 85;
  put_grants(visit);
  if (visit.asks.empty()) go_on(visit);
}

/// To the next stage in which there is something to ask, of this visit or of the next one.
void MixedDay::go_on(Visit& visit) {
  visit.asks.clear();
  visit.sent = visit.answered = 0;
  while (visit.asks.empty()) {
    const bool finished =
        visit.stage == Stage::part || (visit.stage == Stage::start && !visit.started);
    if (finished) return begin(visit);
    next_stage(visit);
    put_asks(visit);
  }
}

void MixedDay::next_stage(Visit& visit) {
  switch (visit.stage) {
    case Stage::buy:
      visit.stage = Stage::start;
      break;
    case Stage::start:
      visit.stage = visit.fate == Fate::cancelled ? Stage::part : Stage::write;
      break;
    case Stage::write:
      visit.stage = visit.fate == Fate::unanswered ? Stage::wait : Stage::answer;
      break;
    case Stage::answer:
      visit.stage = Stage::look;
      break;
    case Stage::look:
    case Stage::chase:
      visit.stage = Stage::wait;
      break;
    case Stage::wait:
      visit.stage = visit.boundaries > 0 && visit.fate == Fate::talk ? Stage::chase : Stage::part;
      break;
    case Stage::part:
      break;
  }
}

void MixedDay::put_asks(Visit& visit) {
  const std::string target = "/v1/sessions/" + visit.session;
  const bool text = visit.channel == channels[0];
  auto& asks = visit.asks;
  switch (visit.stage) {
    case Stage::buy:
      break;
    case Stage::start: {
      const auto number = static_cast<std::size_t>(&visit - visits_.data());
      for (int i = 0; i < visit.starts; ++i) {
        const std::string& session = i == 0 || visit.same_start ? visit.session : visit.other;
        asks.push_back(
            request("POST", "/v1/sessions",
                    start_body(session, visit.channel, visit.patient, id(names_.doctor, number))));
      }
      break;
    }
    case Stage::write:
      if (text) asks.push_back(request("POST", target + "/messages", R"({"from":"patient"})"));
      break;
    case Stage::answer:
      asks.assign(2, text ? request("POST", target + "/messages", R"({"from":"doctor"})")
                          : request("POST", target + "/activate"));
      break;
    case Stage::look:
      asks.push_back(request("GET", target));
      break;
    case Stage::wait:
      if (wait_ms_ == 0) break;
      asks.push_back(
          request("POST", "/v1/test/clock",
                  "{\"advance_ms\":" + std::to_string(wait_ms_) + ",\"run_timers\":false}"));
      break;
    case Stage::chase:
      --visit.boundaries;
      put_attempts(visit);
      break;
    case Stage::part:
      if (visit.fate == Fate::talk) put_attempts(visit);
      for (const char* by : {"patient", "server", "patient"}) {
        asks.push_back(
            request("POST", target + "/end", "{\"ended_by\":\"" + std::string(by) + "\"}"));
      }
      break;
  }
}

/// What a family owns; who has no subscription, or has a share of one, buys nothing.
void MixedDay::put_grants(Visit& visit) {
  const auto put = [&](int units, const char* from, std::size_t members = 0) {
    const std::string each = std::to_string(units);
    std::string body = "{\"patient_id\":\"" + visit.patient + "\",\"units\":{\"text\":" + each +
                       ",\"voice\":" + each + ",\"video\":" + each + "},\"starts_at\":\"" + from +
                       "\",\"ends_at\":\"2999-01-01T00:00:00Z\",\"members\":[";
    for (std::size_t i = 1; i <= members; ++i) {
      body += (i == 1 ? "\"" : ",\"") + id(names_.patient, visit.number + i) + '"';
    }
    visit.asks.push_back(request(
        "PUT", "/v1/subscriptions/" + id(names_.subscription, next_.subscription++), body + "]}"));
  };
  constexpr const char *old = "2020-01-01T00:00:00Z", *newer = "2020-02-01T00:00:00Z";
  switch (visit.number % family) {
    case 3:
    case 4:
      put(1, old);
      return put(6, newer);
    case 5:
      return put(5, old, 2);
    case 8:
      return put(1, old);
    case 6:
    case 7:
    case 9:
      return;
    default:
      return put(30, old);
  }
}

/// Everybody goes for the unit of the boundary.
void MixedDay::put_attempts(Visit& visit) {
  const std::string target = "/v1/sessions/" + visit.session;
  for (const char* who : askers) {
    visit.asks.push_back(
        request("POST", target + "/deduct", "{\"triggered_by\":\"" + std::string(who) + "\"}"));
  }
  visit.asks.push_back(request("GET", target));
}

Next MixedDay::next(std::size_t connection, Clock::time_point, std::string& bytes) {
  Visit& visit = visit_of(connection);
  if (visit.over) return Next::stop;
  if (visit.sent == visit.asks.size()) return Next::hold;
  asked_[connection] = {visit.stage, visit.sent};
  bytes = visit.asks[visit.sent++];
  return Next::send;
}

bool MixedDay::counts(std::size_t connection) const {
  return asked_[connection].stage != Stage::wait;
}

bool MixedDay::answered(std::size_t connection, int status, std::string_view body) {
  Visit& visit = visit_of(connection);
  const Asked asked = asked_[connection];
  const bool refused_start =
      asked.stage == Stage::start && (status == payment_required || status == conflict);
  // It has ended: it rang too long, the units are used up, or the other side hung up first.
  const bool too_late = asked.stage > Stage::start && status == conflict;
  if (!refused_start && !too_late) expect_success(status, body);
  if (asked.stage == Stage::start && !refused_start && !visit.started) {
    visit.started = true;
    if (asked.number == 1 && !visit.same_start) visit.session = visit.other;
  }
  if (asked.stage == Stage::chase || asked.stage == Stage::part) {
    units_ += std::max<std::int64_t>(0, read_number(body, "deducted"));
  }
  if (++visit.answered < visit.asks.size()) return false;
  go_on(visit);
  return true;
}

}  // namespace toll::bench

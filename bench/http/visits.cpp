#include "bench/http/visits.hpp"

#include <algorithm>

namespace toll::bench {

namespace {

constexpr int unavailable = 503;

}  // namespace

void Visits::run_for(std::chrono::duration<double> time) {
  end_ = Traffic::Clock::now() + std::chrono::duration_cast<Traffic::Clock::duration>(time);
  accepted_ = {};
  refused_ = {};
}

std::string Visits::session(std::size_t connection) const {
  return id('v', connection) + '.' + std::to_string(visits_[connection].number);
}

std::size_t Visits::most_visits() const {
  return std::ranges::max(visits_, {}, &Visit::number).number;
}

Next Visits::next(std::size_t connection, Clock::time_point due, std::string& bytes) {
  Visit& visit = visits_[connection];
  visit.sent = Traffic::Clock::now();
  if (visit.step == 0) {
    if (due >= end_) return Next::stop;
    put_request(bytes, "POST", "/v1/sessions",
                "{\"id\":\"" + session(connection) + "\",\"channel\":\"voice\",\"patient_id\":\"" +
                    id('p', connection) + "\",\"doctor_id\":\"" + id('d', connection) + "\"}");
    return Next::send;
  }
  const char* step = visit.step == 1 ? "/activate" : visit.step < 2 + asks_ ? "/deduct" : "/end";
  put_request(bytes, "POST", "/v1/sessions/" + session(connection) + step);
  return Next::send;
}

void Visits::came(std::size_t connection, std::string_view head,
                  std::chrono::nanoseconds since_due) {
  const bool refused = head.starts_with("HTTP/1.1 503");
  if (refused && head.find("\r\nRetry-After: ") == head.npos) {
    throw std::runtime_error("a refusal does not say when to come again");
  }
  Answers& answers = refused ? refused_ : accepted_;
  answers.since_due.add(since_due.count());
  answers.since_sent.add(
      std::chrono::nanoseconds(Traffic::Clock::now() - visits_[connection].sent).count());
}

bool Visits::answered(std::size_t connection, int status, std::string_view body) {
  if (status == unavailable) return false;
  expect_success(status, body);
  Visit& visit = visits_[connection];
  if (++visit.step == 3 + asks_) {
    units_ += read_number(body, "sessions_used");
    visit.step = 0;
    ++visit.number;
  }
  return false;
}

}  // namespace toll::bench

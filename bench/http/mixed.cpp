#include "bench/http/mixed.hpp"

#include <algorithm>
#include <iterator>

namespace toll::bench {

namespace {

enum class Step { balance, start, activate, look, deduct, wait, end, wallet };

/// A call of about an interval, seen from all sides. Waiting moves the clock of everybody: in the
/// time of one consultation by about an interval, so that some attempts take a unit and most find
/// nothing.
constexpr Step consultation[] = {Step::balance, Step::start,  Step::activate, Step::look,
                                 Step::wait,    Step::deduct, Step::deduct,   Step::deduct,
                                 Step::look,    Step::deduct, Step::deduct,   Step::deduct,
                                 Step::look,    Step::end,    Step::end,      Step::wallet};

constexpr std::int64_t visit_ms = 640'000;

}  // namespace

MixedDay::MixedDay(std::size_t connections, const Names& names, std::size_t first,
                   std::chrono::duration<double> time)
    : names_(names),
      end_(Traffic::Clock::now() + std::chrono::duration_cast<Traffic::Clock::duration>(time)),
      phones_(connections),
      wait_ms_(visit_ms / static_cast<std::int64_t>(connections)),
      next_session_(first) {}

Next MixedDay::next(std::size_t connection, std::string& bytes) {
  Phone& phone = phones_[connection];
  const std::string patient = id(names_.patient, connection);
  const std::string doctor = id(names_.doctor, connection);
  const std::string target = "/v1/sessions/" + phone.session;
  switch (consultation[phone.step]) {
    case Step::balance:
      if (Traffic::Clock::now() >= end_) return Next::stop;
      put_request(bytes, "GET", "/v1/patients/" + patient + "/balance");
      break;
    case Step::start:
      phone.session = id(names_.session, next_session_++);
      put_request(bytes, "POST", "/v1/sessions",
                  "{\"id\":\"" + phone.session + "\",\"channel\":\"voice\",\"patient_id\":\"" +
                      patient + "\",\"doctor_id\":\"" + doctor + "\"}");
      break;
    case Step::activate:
      put_request(bytes, "POST", target + "/activate");
      break;
    case Step::look:
      put_request(bytes, "GET", target);
      break;
    case Step::deduct:
      put_request(bytes, "POST", target + "/deduct", "{\"triggered_by\":\"phone\"}");
      break;
    case Step::wait:
      put_request(bytes, "POST", "/v1/test/clock",
                  "{\"advance_ms\":" + std::to_string(wait_ms_) + ",\"run_timers\":false}");
      break;
    case Step::end:
      put_request(bytes, "POST", target + "/end", "{\"ended_by\":\"patient\"}");
      break;
    case Step::wallet:
      put_request(bytes, "GET", "/v1/doctors/" + doctor + "/wallet");
      break;
  }
  return Next::send;
}

bool MixedDay::answered(std::size_t connection, int status, std::string_view body) {
  constexpr int conflict = 409;  // it rang too long, or the other side has hung up
  if (status != conflict) expect_success(status, body);
  Phone& phone = phones_[connection];
  const Step step = consultation[phone.step];
  if (step == Step::deduct || step == Step::end) {
    units_ += std::max<std::int64_t>(0, read_number(body, "deducted"));
  }
  phone.step = (phone.step + 1) % std::size(consultation);
  return false;
}

}  // namespace toll::bench

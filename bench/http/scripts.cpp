#include "bench/http/scripts.hpp"

namespace toll::bench {

void expect_success(int status, std::string_view body) {
  if (status == 200 || status == 201) return;
  throw std::runtime_error("answered " + std::to_string(status) + ": " + std::string(body));
}

Next Batch::next(std::size_t, Clock::time_point, std::string& bytes) {
  if (sent_ == count_) return Next::stop;
  make_(sent_++, bytes);
  return Next::send;
}

bool Batch::answered(std::size_t, int status, std::string_view body) {
  expect_success(status, body);
  if (read_) read_(body);
  return false;
}

Repeat::Repeat(std::string request, std::chrono::duration<double> time)
    : request_(std::move(request)),
      end_(Traffic::Clock::now() + std::chrono::duration_cast<Traffic::Clock::duration>(time)) {}

Next Repeat::next(std::size_t, Clock::time_point due, std::string& bytes) {
  if (due >= end_) return Next::stop;
  bytes = request_;
  return Next::send;
}

bool Repeat::answered(std::size_t, int status, std::string_view body) {
  expect_success(status, body);
  return false;
}

void Deductions::run_for(std::chrono::duration<double> time) {
  finishing_ = false;
  end_ = Traffic::Clock::now() + std::chrono::duration_cast<Traffic::Clock::duration>(time);
}

void Deductions::finish_round() { finishing_ = true; }

bool Deductions::over(Clock::time_point due) const {
  const auto attempts = static_cast<std::uint64_t>(work_.attempts());
  const std::uint64_t whole = work_.sessions() * attempts;
  if (finishing_) return next_ % whole == 0;
  // A round that the clock was moved for is asked in, or somebody else takes what is due in it.
  if (next_ == static_cast<std::uint64_t>(round_ - 1) * whole) return false;
  return next_ % attempts == 0 && due >= end_;
}

Next Deductions::next(std::size_t connection, Clock::time_point due, std::string& bytes) {
  if (clock_moves_) return Next::hold;
  if (over(due)) return Next::stop;
  const Request request = work_.request(next_);
  if (request.round > round_) {
    clock_moves_ = moving_[connection] = true;
    put_request(bytes, "POST", "/v1/test/clock",
                "{\"advance_ms\":" + std::to_string(interval_ms) + ",\"run_timers\":false}");
    return Next::send;
  }
  ++next_;
  put_request(bytes, "POST", "/v1/sessions/" + id('c', request.session) + "/deduct");
  return Next::send;
}

bool Deductions::answered(std::size_t connection, int status, std::string_view body) {
  expect_success(status, body);
  if (moving_[connection]) {
    clock_moves_ = moving_[connection] = false;
    ++round_;
    return true;
  }
  units_ += read_number(body, "deducted");
  return false;
}

}  // namespace toll::bench

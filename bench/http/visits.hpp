// Visits to a server that may refuse: each connection has a patient and a doctor, starts a call,
// answers it, asks for what is due, and hangs up, again and again. What is refused is asked again
// at the connection's next turn, so the books must agree however much is refused.
#pragma once

#include "bench/http/scripts.hpp"

namespace toll::bench {

/// Answers of one kind, from when their requests were due, and from when they were sent.
struct Answers {
  Histogram since_due;
  Histogram since_sent;
};

class Visits final : public Script {
 public:
  /// `asks`: how often each call asks for what is due. `first`: the number of the first visit.
  explicit Visits(std::size_t connections, std::size_t asks = 0, std::size_t first = 0)
      : asks_(asks), visits_(connections, Visit{first, 0, {}}) {}

  /// In the next run no visit begins after this time; its figures count from nothing.
  void run_for(std::chrono::duration<double> time);

  Next next(std::size_t connection, Clock::time_point due, std::string& bytes) override;
  void came(std::size_t connection, std::string_view head,
            std::chrono::nanoseconds since_due) override;
  bool answered(std::size_t connection, int status, std::string_view body) override;

  const Answers& accepted() const { return accepted_; }
  const Answers& refused() const { return refused_; }  ///< 503 with Retry-After
  std::int64_t units() const { return units_; }        ///< of all runs
  std::size_t most_visits() const;                     ///< of a connection, `first` included

 private:
  struct Visit {
    std::size_t number = 0;
    std::size_t step = 0;  ///< start, activate, deduct..., end
    Traffic::Clock::time_point sent;
  };

  std::string session(std::size_t connection) const;

  const std::size_t asks_;
  std::vector<Visit> visits_;
  Traffic::Clock::time_point end_;
  Answers accepted_, refused_;
  std::int64_t units_ = 0;
};

}  // namespace toll::bench

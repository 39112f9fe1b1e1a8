// A mixed day, as tools/demo plays it: families with plain, stacked, shared, short and no
// subscriptions; both phones start, go for the unit at each boundary, and hang up, as the call
// server does; some calls ring in vain. Four connections play one consultation at a time, so that
// what is raced there is raced here.
#pragma once

#include <random>

#include "bench/http/clinic.hpp"

namespace toll::bench {

class MixedDay final : public Script {
 public:
  /// What earlier days of the same population have used up.
  struct Numbers {
    std::size_t visit = 0;
    std::size_t subscription = 0;
  };

  /// How many consultations are under way at once: each has the doctor of its number, whom `names`
  /// name as everybody else.
  static std::size_t doctors(std::size_t connections);

  /// `clock_moves`: each wait moves the test clock, in the time of one interval of a consultation
  /// by about an interval; else nobody waits.
  MixedDay(std::size_t connections, const Names& names, Numbers first, bool clock_moves,
           std::chrono::duration<double> time);

  Next next(std::size_t connection, Clock::time_point due, std::string& bytes) override;
  bool answered(std::size_t connection, int status, std::string_view body) override;
  bool counts(std::size_t connection) const override;

  std::int64_t units() const { return units_; }  ///< that answers claimed
  Numbers used() const { return next_; }

 private:
  enum class Stage { buy, start, write, answer, look, wait, chase, part };
  enum class Fate { talk, unanswered, cancelled };
  struct Visit {
    std::size_t number = 0;
    std::string patient, session, other;
    const char* channel = "";
    Fate fate = Fate::talk;
    int boundaries = 0;  ///< still to come
    int starts = 1;      ///< 2: the other phone starts as well
    bool same_start = true;
    bool started = false;
    bool over = false;  ///< and so is the day
    Stage stage = Stage::buy;
    std::vector<std::string> asks;  ///< of this stage
    std::size_t sent = 0, answered = 0;
  };
  struct Asked {
    Stage stage = Stage::buy;
    std::size_t number = 0;  ///< within the stage
  };

  Visit& visit_of(std::size_t connection) { return visits_[connection % visits_.size()]; }
  void begin(Visit& visit);
  void go_on(Visit& visit);
  void next_stage(Visit& visit);
  void put_asks(Visit& visit);
  void put_grants(Visit& visit);
  void put_attempts(Visit& visit);

  Names names_;
  Traffic::Clock::time_point end_;
  std::mt19937_64 random_;
  std::vector<Visit> visits_;
  std::vector<Asked> asked_;  ///< of each connection
  std::int64_t wait_ms_;
  std::int64_t units_ = 0;
  Numbers next_;
};

}  // namespace toll::bench

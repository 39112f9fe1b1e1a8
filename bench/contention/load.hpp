// Clients in a closed loop: each sends its next request when its answer has come. One thread drives
// all of them, woken once for a batch of answers, as the server's door does it.
#pragma once

#include <chrono>
#include <vector>

#include "bench/common/histogram.hpp"
#include "bench/contention/clinic.hpp"

namespace toll::bench {

/// What the answers said, over all runs.
struct Tally {
  explicit Tally(std::size_t sessions) : units_of_session(sessions) {}
  std::vector<std::uint32_t> units_of_session;
  std::int64_t units = 0;
  std::int64_t attempts = 0;
  std::int64_t refused = 0;
  std::int64_t rounds = 0;  ///< intervals that have passed
};

struct RunFigures {
  std::size_t clients = 0;
  std::int64_t units = 0;
  std::int64_t attempts = 0;
  /// Requests that took two units because a shared subscription had heard of the next round
  /// already.
  std::int64_t ahead = 0;
  double answered_s = 0;    ///< until the last durable answer
  double caught_up_s = 0;   ///< until the rows show everything
  double cpu_s = 0;         ///< of the whole process until then
  double driver_cpu_s = 0;  ///< the part of the thread that plays the clients
  std::uint64_t groups = 0;
  std::uint64_t records = 0;
  std::uint64_t journal_bytes = 0;
  std::int64_t written_bytes = 0;
  Histogram latency;
};

class Load {
 public:
  Load(Clinic& clinic, const Work& work, Tally& tally)
      : clinic_(clinic), work_(work), tally_(tally) {}

  /// Runs for this time and then to the end of the answers under way.
  RunFigures run(std::size_t clients, std::chrono::duration<double> time);

  /// Asks the sessions that the last round has not come to: now each has taken a unit in each
  /// round.
  void finish_round();

 private:
  class Client;
  struct Returned;

  template <class Over>
  void drive(std::size_t clients, RunFigures& figures, Over over);
  void submit(const std::shared_ptr<Client>& client);
  void take(Client& client, RunFigures& figures);

  Clinic& clinic_;
  const Work& work_;
  Tally& tally_;
  std::uint64_t next_ = 0;  ///< number of the next request
};

}  // namespace toll::bench

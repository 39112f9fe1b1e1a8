// One server filled with one shape of work, and the phases that are measured on it in turn.
#pragma once

#include "bench/common/process.hpp"
#include "bench/common/report.hpp"
#include "bench/common/server.hpp"
#include "bench/http/mixed.hpp"

namespace toll::bench {

struct HttpOptions {
  std::string tolld;
  std::vector<std::string> server_options;
  std::vector<std::string> phases;  ///< of livez, deduct, end, mixed
  std::vector<std::size_t> connections;
  double seconds = 3;
  double rate = 0;  ///< 0: closed loop
  std::string directory;
};

class HttpBench {
 public:
  HttpBench(const HttpOptions& options, const Work& work);

  /// Every phase at every number of connections, then the books. Throws std::runtime_error when
  /// they disagree. One row of figures for each phase.
  std::vector<Json> run();

  /// Stops the server and runs this tollctl's verify over what it left.
  void verify(const std::string& tollctl);

 private:
  /// What the journal has written.
  struct Journal {
    std::int64_t records = 0;
    std::int64_t groups = 0;
  };
  Journal read_journal() const;

  void phase(const std::string& name, std::size_t connections);
  void livez(std::size_t connections);
  void deduct(std::size_t connections);
  void end(std::size_t connections);
  void mixed(std::size_t connections);
  void take_what_is_due();
  void expect_nothing_else(std::int64_t most_records) const;

  /// Runs the script, measuring the server too.
  void measure(Traffic& traffic, Script& script, double rate);
  void add_row(const std::string& name, std::size_t connections, std::int64_t units);

  std::chrono::duration<double> time() const {
    return std::chrono::duration<double>(options_.seconds);
  }

  const HttpOptions options_;
  const Work work_;
  TemporaryDirectory home_;
  Server server_;
  Traffic setup_;
  Deductions deductions_;
  std::int64_t callers_units_ = 0;  ///< taken between phases
  std::int64_t ended_units_ = 0;
  std::int64_t visited_units_ = 0;
  MixedDay::Numbers visited_;  ///< what mixed days have used up
  std::size_t doctors_ = 0;    ///< of mixed days
  std::size_t next_end_ = 0;   ///< number of the next session that is made to be ended
  TrafficFigures figures_;     ///< of this phase so far
  double caught_up_s_ = 0;     ///< and until the rows showed all of it
  double server_cpu_s_ = 0;    ///< until then
  Journal journal_;            ///< of this phase so far
  std::vector<Json> rows_;
};

}  // namespace toll::bench

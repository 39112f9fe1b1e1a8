// A mixed day: each connection plays one consultation after another, as phones and a call server do
// it. A balance, the start, the answer, looks at the session while it runs, several attempts at
// each boundary, the hang-up (sent twice), the wallet.
#pragma once

#include "bench/http/clinic.hpp"

namespace toll::bench {

class MixedDay final : public Script {
 public:
  /// Each connection has a patient, a doctor and a subscription of its own, named by `names`.
  /// `first` is the number of the first session.
  MixedDay(std::size_t connections, const Names& names, std::size_t first,
           std::chrono::duration<double> time);

  Next next(std::size_t connection, std::string& bytes) override;
  bool answered(std::size_t connection, int status, std::string_view body) override;

  std::int64_t units() const { return units_; }  ///< that answers claimed
  std::size_t next_session() const { return next_session_; }

 private:
  struct Phone {
    std::size_t step = 0;
    std::string session;
  };

  Names names_;
  Traffic::Clock::time_point end_;
  std::vector<Phone> phones_;
  std::int64_t wait_ms_;
  std::int64_t units_ = 0;
  std::size_t next_session_;
};

}  // namespace toll::bench

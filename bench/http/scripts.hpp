// The scripts: what the connections ask for.
#pragma once

#include <functional>
#include <stdexcept>

#include "bench/common/books.hpp"
#include "bench/common/shape.hpp"
#include "bench/http/requests.hpp"
#include "bench/http/traffic.hpp"

namespace toll::bench {

/// Throws std::runtime_error with the answer unless its status is 200 or 201.
void expect_success(int status, std::string_view body);

/// A fixed number of requests, each sent once.
class Batch final : public Script {
 public:
  using Make = std::function<void(std::size_t number, std::string& bytes)>;
  using Read = std::function<void(std::string_view body)>;
  Batch(std::size_t count, Make make, Read read = {})
      : count_(count), make_(std::move(make)), read_(std::move(read)) {}

  Next next(std::size_t connection, Clock::time_point due, std::string& bytes) override;
  bool answered(std::size_t connection, int status, std::string_view body) override;

 private:
  std::size_t count_;
  std::size_t sent_ = 0;
  Make make_;
  Read read_;
};

/// One request again and again, for a time.
class Repeat final : public Script {
 public:
  Repeat(std::string request, std::chrono::duration<double> time);
  Next next(std::size_t connection, Clock::time_point due, std::string& bytes) override;
  bool answered(std::size_t connection, int status, std::string_view body) override;

 private:
  std::string request_;
  Traffic::Clock::time_point end_;
};

/// The work's deductions. The connection that comes to the end of a round moves the clock, the
/// others wait for it.
class Deductions final : public Script {
 public:
  Deductions(const Work& work, std::size_t connections) : work_(work), moving_(connections) {}

  /// The next run ends after this time.
  void run_for(std::chrono::duration<double> time);
  /// The next run asks the sessions that the last round has not come to.
  void finish_round();

  Next next(std::size_t connection, Clock::time_point due, std::string& bytes) override;
  bool answered(std::size_t connection, int status, std::string_view body) override;
  bool counts(std::size_t connection) const override { return !moving_[connection]; }

  std::int64_t units() const { return units_; }  ///< that answers claimed
  /// That the requests so far must have taken, once their last round is finished.
  std::int64_t expected() const { return static_cast<std::int64_t>(next_) / work_.attempts(); }

 private:
  bool over(Clock::time_point due) const;

  const Work& work_;
  std::vector<bool> moving_;  ///< connections whose request is to move the clock
  bool clock_moves_ = false;
  bool finishing_ = false;
  Traffic::Clock::time_point end_;
  std::uint64_t next_ = 0;
  std::int64_t round_ = 0;
  std::int64_t units_ = 0;
};

}  // namespace toll::bench

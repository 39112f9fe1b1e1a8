// The work, the same for Toll and its peers: which session draws on which subscription, and in what
// order requests come. Time goes in rounds of one interval; in each round every session is asked
// once (or ten times), so that there is one unit for each request (or for each ten).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace toll::bench {

enum class Shape {
  hot,      ///< all sessions draw on one subscription
  uniform,  ///< spread evenly over all subscriptions
  zipf,     ///< subscription of rank r has a share of sessions as 1 / r^0.99
  ten,      ///< uniform, and ten requests for each unit
};

/// Throws std::invalid_argument for a name that is none.
Shape parse_shape(const std::string& name);
const char* name(Shape shape);

/// How many sessions it has unless the command line says otherwise.
constexpr std::size_t default_sessions(Shape shape) { return shape == Shape::hot ? 1'000 : 10'000; }

struct Request {
  std::size_t session = 0;
  std::int64_t round = 0;  ///< from 1: the number of intervals that have passed
};

class Work {
 public:
  /// `subscriptions` 0: one for each session. The hot shape has one, whatever is said.
  Work(Shape shape, std::size_t sessions, std::size_t subscriptions = 0);

  Shape shape() const { return shape_; }
  std::size_t sessions() const { return subscription_of_.size(); }
  std::size_t subscriptions() const { return subscriptions_; }
  std::size_t subscription_of(std::size_t session) const { return subscription_of_[session]; }
  std::int64_t attempts() const { return shape_ == Shape::ten ? 10 : 1; }

  /// The sessions of each subscription.
  std::vector<std::vector<std::size_t>> members() const;

  /// The number-th request, from 0. All requests of one round come before those of the next.
  Request request(std::uint64_t number) const {
    const std::uint64_t unit = number / static_cast<std::uint64_t>(attempts());
    return {static_cast<std::size_t>(unit % sessions() * stride_ % sessions()),
            static_cast<std::int64_t>(unit / sessions()) + 1};
  }

 private:
  Shape shape_;
  std::size_t subscriptions_;
  std::size_t stride_ = 1;  ///< coprime to the number of sessions: a round is a permutation
  std::vector<std::uint32_t> subscription_of_;
};

}  // namespace toll::bench

#include "bench/common/shape.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>

namespace toll::bench {

namespace {

constexpr const char* names[] = {"hot", "uniform", "zipf", "ten"};
constexpr double zipf_exponent = 0.99;
constexpr std::uint64_t seed = 20260101;  // every system gets the same work

/// Draws a rank with a probability as 1 / (rank + 1)^0.99.
class Zipf {
 public:
  explicit Zipf(std::size_t ranks) {
    double sum = 0;
    for (std::size_t i = 1; i <= ranks; ++i) {
      sum += 1 / std::pow(static_cast<double>(i), zipf_exponent);
      cumulative_.push_back(sum);
    }
  }

  std::size_t operator()(std::mt19937_64& random) {
    const double draw = std::uniform_real_distribution<>(0, cumulative_.back())(random);
    const auto at = std::lower_bound(cumulative_.begin(), cumulative_.end() - 1, draw);
    return static_cast<std::size_t>(at - cumulative_.begin());
  }

 private:
  std::vector<double> cumulative_;
};

}  // namespace

Shape parse_shape(const std::string& name) {
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (name == names[i]) return static_cast<Shape>(i);
  }
  throw std::invalid_argument("no such shape: " + name);
}

const char* name(Shape shape) { return names[static_cast<std::size_t>(shape)]; }

Work::Work(Shape shape, std::size_t sessions, std::size_t subscriptions)
    : shape_(shape),
      subscriptions_(shape == Shape::hot  ? 1
                     : subscriptions == 0 ? sessions
                                          : std::min(subscriptions, sessions)),
      subscription_of_(sessions) {
  if (sessions == 0) throw std::invalid_argument("there must be sessions");
  std::mt19937_64 random(seed);
  Zipf zipf(subscriptions_);
  for (std::size_t i = 0; i < sessions; ++i) {
    subscription_of_[i] =
        static_cast<std::uint32_t>(shape == Shape::zipf ? zipf(random) : i % subscriptions_);
  }
  // Far from 1 and from the number itself, so that neighbours are not asked one after another.
  stride_ =
      std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(sessions) * 0.618));
  while (std::gcd(stride_, sessions) != 1) ++stride_;
}

std::vector<std::vector<std::size_t>> Work::members() const {
  std::vector<std::vector<std::size_t>> members(subscriptions_);
  for (std::size_t i = 0; i < sessions(); ++i) members[subscription_of_[i]].push_back(i);
  return members;
}

}  // namespace toll::bench

// Latencies, counted in buckets that are at most 1.6 % wide: recording costs a few instructions and
// the size does not grow with the number of samples.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace toll::bench {

class Histogram {
 public:
  /// Negative values count as 0.
  void add(std::int64_t nanoseconds) {
    const auto value = static_cast<std::uint64_t>(nanoseconds < 0 ? 0 : nanoseconds);
    ++counts_[bucket(value)];
    ++count_;
    if (value > max_) max_ = value;
  }

  void add(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    if (other.max_ > max_) max_ = other.max_;
  }

  std::uint64_t count() const { return count_; }
  double max_us() const { return static_cast<double>(max_) / 1000; }

  /// The upper end of the bucket in which the quantile (0 to 1) lies, in microseconds.
  double quantile_us(double quantile) const {
    const auto rank = static_cast<std::uint64_t>(quantile * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > rank) return static_cast<double>(std::min(upper(i), max_)) / 1000;
    }
    return max_us();
  }

 private:
  static constexpr unsigned precision = 6;  ///< 64 buckets for each power of two
  static constexpr std::uint64_t half = 1u << precision;

  static std::size_t bucket(std::uint64_t value) {
    if (value < 2 * half) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - precision - 1;
    return shift * half + (value >> shift);
  }

  static std::uint64_t upper(std::size_t bucket) {
    if (bucket < 2 * half) return bucket;
    const std::size_t shift = bucket / half - 1;
    return (((bucket % half) + half + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - precision + 1) * half> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace toll::bench

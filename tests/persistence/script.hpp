// Facts that could have happened: for filling journals.
#pragma once

#include <random>
#include <vector>

#include "persistence/folded.hpp"

namespace toll::test {

/// A cause whose key is this letter all through.
billing::Cause cause(char key);

/// At least one fact of every kind, small: two subscriptions, two doctors, five sessions.
std::vector<billing::Record> every_kind();

/// The first `count` facts of a random clinic, always the same for the same seed.
std::vector<billing::Record> random_clinic(unsigned seed, std::size_t count);

/// Builds valid facts on top of what happened so far.
class Script {
 public:
  explicit Script(unsigned seed = 0) : random_(seed) { policy(); }

  std::vector<billing::Record> records;
  persistence::Folded folded;
  billing::Instant now = 1'000'000;

  void policy();
  void grant(const std::string& id, std::int64_t units);
  void register_doctor(const std::string& id);
  void create(const std::string& id, const std::string& subscription, const std::string& doctor,
              billing::Channel channel);
  void activate(const std::string& id);
  void charge(const std::string& id, const std::string& next, std::int64_t units);
  void end(const std::string& id, bool manual);
  /// Gives back units of the newest run.
  void refund(const std::string& id, std::int64_t units);
  void withdraw(const std::string& id, const std::string& doctor, std::int64_t amount);
  void move(const std::string& withdrawal, billing::WithdrawalStatus to);
  void append(billing::Fact fact, std::optional<billing::Cause> cause = {});

  /// Any of these that is possible.
  void random_step();

 private:
  std::size_t pick(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  void random_money();
  std::vector<std::string> live_, granted_, withdrawals_;
  std::mt19937 random_;
};

}  // namespace toll::test

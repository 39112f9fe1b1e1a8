// What clients saw: each request with the moments between which it was carried out, and its answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace toll::tests {

struct Operation {
  /// "start", "activate", "deduct", "end", "refund", "top-up", "status" and "members" (they are
  /// changed), "session", "subscription", "clock" (it is moved). Of the server itself, each of
  /// which may happen or not: "timer" (a session is woken while the clock is moved), "on the way"
  /// (the clock stands where the next session has something due) and "notice" (a start wakes one
  /// that stands in its way, before it takes effect itself).
  std::string kind;
  std::string id;       ///< of a session or subscription
  std::string patient;  ///< of a start
  std::string doctor;
  std::int64_t number = 0;  ///< units, or the instant to which the clock goes
  std::string to;           ///< who ends; the status, or the only member or nobody, to be

  /// Ticks of one counter for all clients: an operation takes effect between the two.
  std::int64_t invoked = 0;
  std::int64_t returned = 0;
  std::int64_t clock = 0;  ///< where the clock stood for certain when it was invoked

  /// In the words of Spec. What was not answered may have taken effect or not, until it `returned`
  /// (0: for ever).
  std::string answer;
  bool answered = true;
};
using History = std::vector<Operation>;

std::string in_words(const Operation& operation);

}  // namespace toll::tests

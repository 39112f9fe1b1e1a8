// The checker itself: right histories pass, broken ones do not.
#include "tests/histories/checker.hpp"

#include <catch2/catch.hpp>

namespace toll::tests {

namespace {

constexpr std::int64_t minute = 60'000;

/// Short ways to write operations; `from` and `to` are the moments of request and answer.
Operation op(std::int64_t from, std::int64_t to, const std::string& kind, const std::string& id,
             const std::string& answer, std::int64_t number = 0) {
  Operation made;
  made.kind = kind;
  made.id = id;
  made.number = number;
  made.invoked = from;
  made.returned = to;
  made.clock = midnight;
  if (kind == "end") made.to = "patient";
  made.answer = answer;
  return made;
}

Operation start(std::int64_t from, std::int64_t to, const std::string& id,
                const std::string& patient, const std::string& answer) {
  Operation made = op(from, to, "start", id, answer);
  made.patient = patient;
  made.doctor = "doctor-of-" + patient;
  return made;
}

Operation clock(std::int64_t from, std::int64_t to, std::int64_t minutes) {
  return op(from, to, "clock", "", "done", midnight + minutes * minute);
}

Operation later(Operation operation, std::int64_t minutes) {
  operation.clock = midnight + minutes * minute;
  return operation;
}

bool linearizable(const History& history, std::int64_t units = 3) {
  const Verdict verdict = check(history, Spec(midnight, "s", "p", {"q"}, units));
  INFO(verdict.why_not);
  return verdict.linearizable;
}

std::string units(int granted, int taken, int held) {
  return "active, granted " + std::to_string(granted) + ", taken " + std::to_string(taken) +
         ", refunded 0, held " + std::to_string(held) + ", free " +
         std::to_string(granted - taken - held);
}

/// A call of p that was answered at midnight, ten minutes later.
History ten_minutes() {
  return {start(1, 2, "x", "p", "created"), op(3, 4, "activate", "x", "done"), clock(5, 6, 10)};
}

History with(History history, std::initializer_list<Operation> more) {
  history.insert(history.end(), more);
  return history;
}

}  // namespace

TEST_CASE("histories of a server that does one thing at a time are linearizable", "[histories]") {
  CHECK(linearizable({}));
  CHECK(linearizable(
      with(ten_minutes(), {later(op(7, 8, "deduct", "x", "deducted 1"), 10),
                           later(op(9, 10, "end", "x", "deducted 1, manual"), 10),
                           later(op(11, 12, "end", "x", "deducted 0, over before"), 10),
                           later(op(13, 14, "session", "x", "ended, used 2, refunded 0"), 10),
                           later(op(15, 16, "subscription", "s", units(3, 2, 0)), 10)})));
}

TEST_CASE("what is under way together may come in either order", "[histories]") {
  for (const auto& seen : {units(3, 0, 0), units(4, 0, 0)}) {
    CHECK(linearizable({op(1, 4, "top-up", "s", "done", 1), op(2, 3, "subscription", "s", seen)}));
  }
  // Of two deductions at once either takes the unit.
  for (const int first : {0, 1}) {
    CHECK(linearizable(
        with(ten_minutes(),
             {later(op(7, 10, "deduct", "x", "deducted " + std::to_string(first)), 10),
              later(op(8, 9, "deduct", "x", "deducted " + std::to_string(1 - first)), 10)})));
  }
}

TEST_CASE("a request reads the clock when it comes", "[histories]") {
  const History opened = {start(1, 2, "x", "p", "created"), op(3, 4, "activate", "x", "done")};
  for (const char* answer : {"deducted 0", "deducted 1"}) {
    CHECK(linearizable(with(opened, {clock(6, 7, 10), op(5, 8, "deduct", "x", answer)})));
  }
  CHECK_FALSE(linearizable(
      with(opened, {clock(5, 6, 10), later(op(7, 8, "deduct", "x", "deducted 0"), 10)})));
}

TEST_CASE("a clock that is moved stands on the way where something is due", "[histories]") {
  // x rings until 1:30. There the clock stands when y, called at 1:00, is answered: so its first
  // unit is due at 11:30.
  Operation stop = op(7, 12, "on the way", "", "", midnight + 2 * minute);
  stop.answered = false;
  const auto answered_on_the_way = [&](bool stops, int then, const char* deducted) {
    History history = {start(1, 2, "x", "p", "created"),
                       clock(3, 4, 1),
                       later(start(5, 6, "y", "q", "created"), 1),
                       clock(7, 12, 2),
                       later(op(8, 9, "activate", "y", "done"), 1),
                       clock(13, 14, then),
                       later(op(15, 16, "deduct", "y", deducted), then)};
    if (stops) history.push_back(stop);
    return history;
  };
  // Nothing between 1:00 and 2:00 explains this but the stop at 1:30.
  History between = answered_on_the_way(true, 11, "deducted 0");
  between.push_back(clock(17, 18, 0));
  between.back().number = midnight + 11 * minute + minute / 2;
  between.push_back(later(op(19, 20, "deduct", "y", "deducted 1"), 11));
  CHECK(linearizable(between));
  between.erase(between.end() - 3);
  CHECK_FALSE(linearizable(between));
  CHECK_FALSE(linearizable(answered_on_the_way(true, 10, "deducted 1")));
}

TEST_CASE("a request without an answer has happened or not", "[histories]") {
  Operation lost = op(1, 0, "top-up", "s", "", 1);
  lost.answered = false;
  for (const auto& seen : {units(3, 0, 0), units(4, 0, 0)}) {
    CHECK(linearizable({lost, op(2, 3, "subscription", "s", seen)}));
  }
  CHECK_FALSE(linearizable({lost, op(2, 3, "subscription", "s", units(5, 0, 0))}));
  // Once seen, it stays.
  CHECK_FALSE(linearizable({lost, op(2, 3, "subscription", "s", units(4, 0, 0)),
                            op(4, 5, "subscription", "s", units(3, 0, 0))}));
}

TEST_CASE("a start may wake who stands in its way before it takes effect", "[histories]") {
  const auto past_ringing = [](bool notices) {
    Operation notice = later(op(5, 10, "notice", "x", ""), 2);
    notice.answered = false;
    History history = {start(1, 2, "x", "p", "created"), clock(3, 4, 2),
                       later(start(5, 10, "y", "p", "created"), 2),
                       later(op(6, 7, "subscription", "s", units(3, 0, 0)), 2),
                       later(op(11, 12, "subscription", "s", units(3, 0, 1)), 2)};
    if (notices) history.push_back(notice);
    return history;
  };
  CHECK(linearizable(past_ringing(true)));
  CHECK_FALSE(linearizable(past_ringing(false)));
  // Once the start has returned it wakes nobody.
  Operation notice = later(op(5, 6, "notice", "x", ""), 2);
  notice.answered = false;
  CHECK_FALSE(linearizable({start(1, 2, "x", "p", "created"), clock(3, 4, 2),
                            later(op(7, 8, "subscription", "s", units(3, 0, 1)), 2), notice,
                            later(op(9, 10, "subscription", "s", units(3, 0, 0)), 2)}));
}

TEST_CASE("a lost update is noticed", "[histories]") {
  CHECK_FALSE(linearizable({op(1, 4, "top-up", "s", "done", 1), op(2, 3, "top-up", "s", "done", 1),
                            op(5, 6, "subscription", "s", units(4, 0, 0))}));
}

TEST_CASE("a stale read is noticed", "[histories]") {
  CHECK_FALSE(linearizable(
      {op(1, 2, "top-up", "s", "done", 1), op(3, 4, "subscription", "s", units(3, 0, 0))}));
  CHECK_FALSE(linearizable(
      with(ten_minutes(), {later(op(7, 8, "end", "x", "deducted 2, manual"), 10),
                           later(op(9, 10, "session", "x", "active, used 0, refunded 0"), 10)})));
  // Two readers who see two updates in two orders.
  CHECK_FALSE(
      linearizable({op(1, 10, "top-up", "s", "done", 1), op(1, 10, "top-up", "s", "done", 2),
                    op(2, 3, "subscription", "s", units(4, 0, 0)),
                    op(4, 5, "subscription", "s", units(5, 0, 0))}));
}

TEST_CASE("a unit that is taken twice is noticed", "[histories]") {
  CHECK_FALSE(
      linearizable(with(ten_minutes(), {later(op(7, 10, "deduct", "x", "deducted 1"), 10),
                                        later(op(8, 9, "deduct", "x", "deducted 1"), 10)})));
  CHECK_FALSE(
      linearizable(with(ten_minutes(), {later(op(7, 10, "end", "x", "deducted 2, manual"), 10),
                                        later(op(8, 9, "end", "x", "deducted 2, manual"), 10)})));
  // The last unit, held by two.
  CHECK_FALSE(
      linearizable({start(1, 4, "x", "p", "created"), start(2, 3, "y", "q", "created")}, 1));
  CHECK(linearizable({start(1, 4, "x", "p", "created"), start(2, 3, "y", "q", "no_units")}, 1));
}

TEST_CASE("an answer out of thin air is noticed", "[histories]") {
  CHECK_FALSE(linearizable({op(1, 2, "subscription", "s", units(9, 0, 0))}));
  CHECK_FALSE(linearizable({op(1, 2, "session", "x", "active, used 0, refunded 0")}));
  CHECK_FALSE(linearizable({start(1, 2, "x", "p", "no_units")}));
  CHECK_FALSE(linearizable({start(1, 2, "x", "p", "patient_busy")}));
  CHECK_FALSE(linearizable(
      with(ten_minutes(), {later(op(7, 8, "refund", "x", "refund_exceeds_charge", 1), 10)})));
}

}  // namespace toll::tests

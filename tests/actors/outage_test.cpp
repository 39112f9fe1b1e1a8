// A server that refuses changes: what it still does, and what that costs. docs/RULES.md, "Outages".
#include <catch2/catch.hpp>

#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

Policy capped(std::int64_t cap) {
  Policy policy;
  policy.downtime.cap = cap;
  return policy;
}

void begin_chat(VirtualServer& server, const std::string& n) {
  server.call(grant("s" + n, "p" + n, 20));
  server.call(chat("x" + n, "p" + n, "d" + n));
  server.call(SendMessage{"x" + n, Party::doctor});
}

/// The clock goes there while the disk is full; the heartbeat looks before and after.
void pass_full(VirtualServer& server, Instant until) {
  server.has_room = false;
  server.watch();
  server.advance_to(until);
  server.watch();
  server.settle();
}

void room_again(VirtualServer& server) {
  server.has_room = true;
  server.watch();
  server.settle();
}

Session session(VirtualServer& server, const std::string& id) {
  return server.call(GetSession{id})->as<SessionAnswer>()->session;
}

/// The outages on record: begun and over.
std::pair<int, int> outages_on_record(VirtualServer& server) {
  std::pair<int, int> found;
  for (const Record& record : server.storage().rows().events(0, 1000)) {
    found.first += std::holds_alternative<OutageBegan>(record.fact);
    found.second += std::holds_alternative<Ready>(record.fact);
  }
  return found;
}

using Counted = std::pair<int, int>;

}  // namespace

TEST_CASE("an end on a full disk is taken, and its boundaries cost what an outage costs",
          "[actors]") {
  struct Row {
    std::int64_t cap, used;
  };
  // Minute 10 is before, 20 and 30 are inside, and one unit for the hang-up.
  for (const Row row : {Row{DowntimePolicy::no_cap, 4}, Row{0, 2}, Row{1, 3}, Row{2, 4}}) {
    INFO("cap " << row.cap);
    VirtualServer server(1, t0, capped(row.cap));
    server.boot();
    begin_chat(server, "1");
    server.advance_to(t0 + 10 * minute);
    server.settle();
    server.pass_until(t0 + 12 * minute);
    pass_full(server, t0 + 35 * minute);
    CHECK(server.core().refuses_changes() == Degraded::disk_full);
    CHECK(server.core().takes_ends());
    CHECK(session(server, "x1").intervals_processed == 1);  // boundaries wait
    CHECK(outages_on_record(server) == Counted{1, 0});

    const CallPtr end = server.call(EndSession{"x1", Party::patient, std::nullopt});
    REQUIRE(end->as<SessionAnswer>());
    CHECK(end->as<SessionAnswer>()->manual_unit);
    CHECK(session(server, "x1").units_used == row.used);
    CHECK(session(server, "x1").intervals_processed == 3);
    CHECK(session(server, "x1").ended_at == t0 + 35 * minute);
    room_again(server);
    CHECK_FALSE(server.core().refuses_changes());
    CHECK(outages_on_record(server) == Counted{1, 1});
    CHECK(session(server, "x1").units_used == row.used);
  }
}

TEST_CASE("who did not hang up on a full disk is settled once there is room, in the same way",
          "[actors]") {
  for (const std::int64_t cap : {std::int64_t{0}, std::int64_t{1}, DowntimePolicy::no_cap}) {
    INFO("cap " << cap);
    VirtualServer server(2, t0, capped(cap));
    server.boot();
    begin_chat(server, "1");
    server.pass_until(t0 + 9 * minute);
    pass_full(server, t0 + 45 * minute);
    server.has_room = true;
    CHECK(server.core().refuses_changes());  // until what fell due is done
    room_again(server);
    CHECK(session(server, "x1").units_used == (cap < 0 ? 4 : cap));
    CHECK(session(server, "x1").intervals_processed == 4);
    CHECK(server.alarm() == t0 + 50 * minute);
    server.advance_to(t0 + 50 * minute);
    server.settle();
    CHECK(session(server, "x1").intervals_processed == 5);
    CHECK(session(server, "x1").units_used == (cap < 0 ? 4 : cap) + 1);
  }
}

TEST_CASE("deadlines pass on a full disk", "[actors]") {
  VirtualServer server(3, t0, capped(0));
  server.boot();
  begin_chat(server, "1");
  server.call(grant("s2", "p2", 5));
  server.call(StartSession{"x2", false, Channel::voice, "p2", "d2", std::nullopt});
  pass_full(server, t0 + 15 * minute);
  CHECK(session(server, "x2").status == Status::missed);
  CHECK(session(server, "x2").ended_at == t0 + 90'000);
  CHECK(session(server, "x1").intervals_processed == 0);
  CHECK(server.alarm() == t0 + 15 * minute + 1000);  // it looks again
}

TEST_CASE("a crash on a full disk does not end the outage", "[actors]") {
  VirtualServer server(4, t0, capped(1));
  server.boot();
  begin_chat(server, "1");
  begin_chat(server, "2");
  server.pass_until(t0 + 5 * minute);
  pass_full(server, t0 + 15 * minute);
  server.crash();
  server.pass_until(t0 + 25 * minute);
  server.boot();
  CHECK(server.core().refuses_changes() == Degraded::disk_full);
  CHECK(outages_on_record(server) == Counted{1, 0});
  CHECK(session(server, "x1").intervals_processed == 0);
  server.call(EndSession{"x1", Party::patient, std::nullopt});
  CHECK(session(server, "x1").units_used == 2);
  CHECK(session(server, "x1").intervals_processed == 2);
  server.pass_until(t0 + 35 * minute);
  room_again(server);
  CHECK(outages_on_record(server) == Counted{1, 1});
  CHECK(session(server, "x2").units_used == 1);
  CHECK(session(server, "x2").intervals_processed == 3);
}

TEST_CASE("a full disk for a moment is no outage, unless somebody hangs up after a boundary in it",
          "[actors]") {
  const bool hangs_up = GENERATE(false, true);
  VirtualServer server(5, t0, capped(0));
  server.boot();
  begin_chat(server, "1");
  server.pass_until(t0 + 10 * minute - 1);
  pass_full(server, t0 + 10 * minute + 1000);
  CHECK(outages_on_record(server) == Counted{0, 0});
  if (hangs_up) server.call(EndSession{"x1", Party::patient, std::nullopt});
  room_again(server);
  server.tick();
  server.settle();
  CHECK(session(server, "x1").units_used == 1);
  CHECK(session(server, "x1").intervals_processed == 1);
  CHECK(outages_on_record(server) == (hangs_up ? Counted{1, 1} : Counted{0, 0}));
}

TEST_CASE("refusals that were long are an outage, even if nobody looked before they were over",
          "[actors]") {
  VirtualServer server(6, t0, capped(0));
  server.boot();
  begin_chat(server, "1");
  server.has_room = false;
  CHECK(server.core().refuses_changes());
  server.pass_until(t0 + 25 * minute);
  room_again(server);
  CHECK(session(server, "x1").units_used == 0);
  CHECK(session(server, "x1").intervals_processed == 2);
  CHECK(outages_on_record(server) == Counted{1, 1});
}

TEST_CASE("while the disk does not keep up changes are refused and ends are taken", "[actors]") {
  Limits limits;
  limits.bytes_waiting = 200;
  VirtualServer server(7, t0, {}, limits);
  server.boot();
  begin_chat(server, "1");
  REQUIRE_FALSE(server.core().refuses_changes());
  for (int i = 0; i < 40; ++i) server.issue(grant("t" + std::to_string(i), "p2", 5));
  while (!server.core().refuses_changes()) REQUIRE(server.step());
  CHECK(server.core().refuses_changes() == Degraded::journal_stalled);
  CHECK_FALSE(server.core().has_capacity());
  CHECK(server.core().takes_ends());
  server.settle();
  CHECK_FALSE(server.core().refuses_changes());
}

TEST_CASE("a disk that does not come back from a write is an outage, like a full one", "[actors]") {
  VirtualServer server(8, t0, capped(0));
  server.boot();
  begin_chat(server, "1");
  begin_chat(server, "2");
  server.writing_ms = Limits{}.longest_write_ms - 1;
  CHECK_FALSE(server.core().refuses_changes());
  server.writing_ms += 1;
  CHECK(server.core().refuses_changes() == Degraded::journal_stalled);
  server.advance_to(t0 + 15 * minute);
  server.settle();
  CHECK(session(server, "x1").intervals_processed == 0);
  CHECK(server.core().takes_ends());
  server.call(EndSession{"x1", Party::patient, std::nullopt});
  server.writing_ms = 0;
  room_again(server);
  CHECK(session(server, "x1").units_used == 1);
  CHECK(session(server, "x2").units_used == 0);
  CHECK(session(server, "x2").intervals_processed == 1);
  CHECK(outages_on_record(server) == Counted{1, 1});
}

TEST_CASE("time in which callers are refused is an outage, and whoever is known is served",
          "[actors]") {
  for (const std::int64_t cap : {std::int64_t{0}, std::int64_t{1}, DowntimePolicy::no_cap}) {
    INFO("cap " << cap);
    VirtualServer server(9, t0, capped(cap));
    server.boot();
    begin_chat(server, "1");
    begin_chat(server, "2");
    server.pass_until(t0 + 5 * minute);
    server.core().refuse_callers(true);
    CHECK_FALSE(server.core().refuses_changes());
    server.advance_to(t0 + 25 * minute);
    server.watch();
    server.settle();
    CHECK(outages_on_record(server) == Counted{1, 0});
    CHECK(session(server, "x1").intervals_processed == 0);  // boundaries wait
    server.call(EndSession{"x1", Party::patient, std::nullopt});
    CHECK(session(server, "x1").units_used == (cap < 0 ? 2 : cap) + 1);
    begin_chat(server, "3");
    server.advance_to(t0 + 36 * minute);
    server.call(DeductUnits{"x3", "phone"});
    CHECK(session(server, "x3").intervals_processed == 1);
    CHECK(session(server, "x3").units_used == (cap < 0 ? 1 : cap));

    server.core().refuse_callers(false);
    CHECK(server.core().refuses_changes());  // until what fell due is done
    server.watch();
    server.settle();
    CHECK_FALSE(server.core().refuses_changes());
    CHECK(outages_on_record(server) == Counted{1, 1});
    CHECK(session(server, "x2").intervals_processed == 3);
    CHECK(session(server, "x2").units_used == (cap < 0 ? 3 : cap));
  }
}

TEST_CASE("callers who are refused for a moment are no outage", "[actors]") {
  VirtualServer server(10, t0, capped(0));
  server.boot();
  begin_chat(server, "1");
  server.pass_until(t0 + 10 * minute - 1);
  server.core().refuse_callers(true);
  server.advance_to(t0 + 10 * minute + 1000);
  server.watch();
  server.core().refuse_callers(false);
  server.tick();
  server.settle();
  CHECK(session(server, "x1").units_used == 1);
  CHECK(outages_on_record(server) == Counted{0, 0});
}

}  // namespace toll::tests

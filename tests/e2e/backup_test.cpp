// Backups of a running server, restored and compared; backups that were cut short, damaged or of
// another journal; rows made again.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/e2e/api.hpp"

using namespace toll::test;
namespace fs = std::filesystem;

namespace {

Finished tollctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), tollctl_path());
  return run(arguments);
}

std::string done(const std::vector<std::string>& arguments) {
  const Finished finished = tollctl(arguments);
  INFO(finished.output << finished.errors);
  REQUIRE(finished.status == 0);
  return finished.output;
}

void refused(const std::vector<std::string>& arguments, const std::string& why) {
  const Finished finished = tollctl(arguments);
  INFO(finished.output << finished.errors);
  CHECK(finished.status == 1);
  CHECK(finished.errors.find(why) != std::string::npos);
}

/// Some of everything that a service does, in sessions named from `from` on.
void some_of_everything(Api& api, int from) {
  for (int i = from; i < from + 3; ++i) {
    const std::string id = "c" + std::to_string(i);
    api.post("/v1/subscriptions/s1/topups", {{"units", {{"voice", 2}}}});
    api.open(id, "voice", "p1", "d1");
    api.advance(11 * minute_ms);
    api.end(id);
    api.post("/v1/sessions/" + id + "/refunds", {{"units", 1}, {"reason", "sorry"}});
  }
  api.post("/v1/doctors/d1/withdrawals", {{"amount", 1000}, {"currency", "MWK"}});
}

std::vector<Json> events(Api& api) {
  std::vector<Json> all;
  for (;;) {
    const auto after = std::to_string(all.size());
    const Json page = api.get("/v1/events?limit=500&after=" + after).body["items"];
    if (page.empty()) return all;
    all.insert(all.end(), page.begin(), page.end());
  }
}

std::map<std::string, std::string> contents(const fs::path& directory) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_directory()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    found[fs::relative(entry.path(), directory)] = {std::istreambuf_iterator<char>(file), {}};
  }
  return found;
}

/// Restores and starts: the events and balances have to be these.
void check_restored(const fs::path& backup, const fs::path& data, const std::vector<Json>& expected,
                    const Json& wallet) {
  done({"restore", "--from", backup, "--data", data});
  Server server(data, {"--test-clock", midnight});
  Api api(server);
  const auto found = events(api);
  REQUIRE(found.size() >= expected.size());
  CHECK(std::equal(expected.begin(), expected.end(), found.begin()));
  CHECK(found[expected.size()]["type"] == "outage_began");
  CHECK(api.wallet("d1") == wallet);
  CHECK(server.stop(SIGTERM) == 0);
  done({"verify", "--data", data});
}

/// A server's directory with a little of everything, and its first backup.
struct Place {
  TempDir dir;
  const std::string data = dir / "data";
  const std::string backup = dir / "backup";

  Place() {
    TestServer server;
    server.api().grant("s1", "p1", 1000);
    some_of_everything(server.api(), 0);
    done({"backup", "--data", server.data(), "--to", backup});
    some_of_everything(server.api(), 3);
    REQUIRE(server.server().stop(SIGTERM) == 0);
    fs::copy(server.data(), data, fs::copy_options::recursive);
    fs::remove(data + "/ballast");
  }
};

}  // namespace

TEST_CASE("backups of a running server: each one restored is the server at that moment") {
  TestServer server;
  const TempDir dir;
  const std::string backup = dir / "backup";
  server.api().grant("s1", "p1", 1000);
  done({"token", "create", "--data", server.data(), "--name", "n", "--role", "read"});
  std::map<std::string, std::string> before;
  for (int round = 0; round < 3; ++round) {
    some_of_everything(server.api(), 10 * round);
    done({"backup", "--data", server.data(), "--to", backup});
    done({"verify", "--data", backup});
    // Only new files come, and the small one that lists them.
    const auto after = contents(backup);
    for (const auto& [name, bytes] : before) {
      if (name != "BACKUP") CHECK(after.at(name) == bytes);
    }
    before = after;
    check_restored(backup, dir / std::to_string(round), events(server.api()),
                   server.api().wallet("d1"));
    CHECK_FALSE(contents(dir / std::to_string(round)).contains("tokens"));
  }
  const std::string nothing_new = done({"backup", "--data", server.data(), "--to", backup});
  CHECK(nothing_new.find(", 0 of them new") != std::string::npos);
}

TEST_CASE("backups under load hold all that was acknowledged before, and verify") {
  TestServer server;
  server.api().grant("s1", "p1", 1'000'000);
  const TempDir dir;
  const std::string backup = dir / "backup";
  std::atomic<std::uint64_t> acknowledged = 0;  // grants
  std::atomic<bool> stop = false;
  std::vector<std::jthread> load;
  for (int i = 0; i < 4; ++i) {
    load.emplace_back([&, port = server.server().port()] {
      Api api(port);
      const Json members(200, "somebody-with-a-name-that-fills-tables");
      for (int n = 0; !stop; ++n) {
        // Large enough that tables are written and logs deleted while backups read them.
        const std::string id = "t" + std::to_string(i) + "." + std::to_string(n);
        const Json grant{{"patient_id", id},
                         {"units", {{"text", 1}}},
                         {"ends_at", far_end},
                         {"members", members}};
        if (api.put("/v1/subscriptions/" + id, grant).status != 201) continue;
        ++acknowledged;
        acknowledged.notify_one();
      }
    });
  }
  struct Stopper {
    std::atomic<bool>& stop;
    ~Stopper() { stop = true; }
  } stopper{stop};
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t before = acknowledged;
    for (std::uint64_t now = before; now < before + 300; now = acknowledged) {
      acknowledged.wait(now);
    }
    const std::uint64_t sure = acknowledged;
    const std::string said = done({"backup", "--data", server.data(), "--to", backup});
    const std::size_t at = said.find_first_of("0123456789");
    CHECK(std::stoull(said.substr(at)) >= sure + 2);
    done({"verify", "--data", backup});
  }
  stop = true;
  load.clear();
  done({"backup", "--data", server.data(), "--to", backup});
  CHECK(server.server().stop(SIGTERM) == 0);
  done({"restore", "--from", backup, "--data", dir / "restored"});
  CHECK(done({"log", "--data", dir / "restored"}) == done({"log", "--data", server.data()}));
}

TEST_CASE("a backup that is cut short at any write or sync is not there, or the one before") {
  Place place;
  const auto before = contents(place.backup);
  const std::string whole = place.dir / "whole";
  fs::copy(place.backup, whole, fs::copy_options::recursive);
  done({"backup", "--data", place.data, "--to", whole});
  const std::string after = contents(whole).at("BACKUP");
  REQUIRE(after != before.at("BACKUP"));
  for (const std::string call : {"write", "sync"}) {
    for (int n = 1;; ++n) {
      const std::string copy = place.dir / (call + std::to_string(n));
      fs::copy(place.backup, copy, fs::copy_options::recursive);
      setenv("TOLL_FAULT", (call + ":" + copy + ":" + std::to_string(n)).c_str(), 1);
      setenv("LD_PRELOAD", FAULTY_DISK_PATH, 1);
      const Finished finished = tollctl({"backup", "--data", place.data, "--to", copy});
      unsetenv("LD_PRELOAD");
      unsetenv("TOLL_FAULT");
      const bool met = finished.errors.find("fault injected") != std::string::npos;
      INFO(call << ' ' << n << ": " << finished.errors);
      CHECK((finished.status != 0) == met);
      done({"verify", "--data", copy});
      // It is replaced at the very end, when everything that it names is there.
      const std::string listed = contents(copy).at("BACKUP");
      CHECK((listed == after || (met && listed == before.at("BACKUP"))));
      // The next run goes on from there.
      done({"backup", "--data", place.data, "--to", copy});
      done({"verify", "--data", copy});
      if (!met) {
        CHECK(n > 3);
        break;
      }
    }
  }
  // A first run that was cut short is none.
  const std::string first = place.dir / "first";
  done({"backup", "--data", place.data, "--to", first});
  fs::remove(fs::path(first) / "BACKUP");
  refused({"verify", "--data", first}, "CURRENT");
  refused({"restore", "--from", first, "--data", place.dir / "new"}, "has no BACKUP");
}

TEST_CASE("a flipped byte or a missing file of a backup is refused, and nothing is restored") {
  Place place;
  for (const auto& [name, bytes] : contents(place.backup)) {
    if (name == "LOCK.toll") continue;
    const std::string path = place.backup + '/' + name;
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 40) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
      write_file(path, flipped);
      INFO(name << " byte " << at);
      CHECK(tollctl({"verify", "--data", place.backup}).status == 1);
      CHECK(tollctl({"restore", "--from", place.backup, "--data", place.dir / "new"}).status == 1);
      CHECK(!fs::exists(place.dir / "new"));
      CHECK(!fs::exists(place.dir / "new.new"));
    }
    write_file(path, bytes.substr(0, bytes.size() - 1));
    CHECK(tollctl({"verify", "--data", place.backup}).status == 1);
    write_file(path, bytes);
  }
  done({"verify", "--data", place.backup});
}

TEST_CASE("a flipped byte of a directory's tables never comes into a log or a backup") {
  Place place;
  const std::string log = done({"log", "--data", place.data});
  std::map<std::string, int> ends;
  for (const auto& [name, bytes] : contents(place.data)) {
    if (!name.ends_with(".sst")) continue;
    const std::string path = place.data + '/' + name;
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 40) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
      write_file(path, flipped);
      INFO(name << " byte " << at);
      const std::string copy = place.dir / "copy";
      const Finished logged = tollctl({"log", "--data", place.data});
      const Finished copied = tollctl({"backup", "--data", place.data, "--to", copy});
      if (logged.status == 0) CHECK(logged.output == log);
      CHECK(fs::exists(copy + "/BACKUP") == (copied.status == 0));
      if (copied.status == 0) CHECK(done({"log", "--data", copy}) == log);
      fs::remove_all(copy);
      ++ends["log " + std::to_string(logged.status)];
      ++ends["backup " + std::to_string(copied.status)];
    }
    write_file(path, bytes);
  }
  std::string counted;
  for (const auto& [end, count] : ends) counted += ", " + end + ": " + std::to_string(count);
  WARN("how they ended" << counted);
  CHECK(ends["log 1"] > 0);
  CHECK(ends["backup 1"] > 0);
  CHECK(ends["log 0"] > 0);  // rows may be damaged
}

TEST_CASE("a backup goes on with its own journal only, and a restore needs an empty place") {
  Place place;
  Place other;
  refused({"backup", "--data", other.data, "--to", place.backup}, "of another journal");
  refused({"restore", "--from", place.backup, "--data", place.data}, "is not empty");
  fs::create_directory(place.dir / "mine.new");
  refused({"restore", "--from", place.backup, "--data", place.dir / "mine"}, "mine.new is there");
  refused({"backup", "--data", place.dir / "nothing", "--to", place.backup}, "no journal");
  refused({"backup", "--data", place.data, "--to", other.data}, "is a data directory");
  done({"verify", "--data", place.backup});
}

TEST_CASE("rows that are damaged are made again from the journal") {
  Place place;
  std::string table;
  for (const auto& [name, bytes] : contents(place.data)) {
    if (!name.ends_with(".sst") || bytes.find("toll.charges") == std::string::npos) continue;
    table = place.data + '/' + name;
    std::string flipped = bytes;
    flipped[flipped.size() / 3] ^= 1;
    write_file(table, flipped);
  }
  REQUIRE(!table.empty());
  refused({"verify", "--data", place.data}, table);
  done({"rebuild", "--data", place.data});
  done({"verify", "--data", place.data});
  CHECK(fs::exists(place.data + ".old"));
  refused({"rebuild", "--data", place.data}, "already");
  Server server(place.data, {"--test-clock", midnight});
  Api api(server);
  CHECK(api.session("c5")["status"] == "ended");
  refused({"rebuild", "--data", place.data}, "already");
}

TEST_CASE("log is the feed, of a running server and of a backup, and takes filters") {
  TestServer server;
  server.api().grant("s1", "p1", 1000);
  some_of_everything(server.api(), 0);
  const TempDir dir;
  done({"backup", "--data", server.data(), "--to", dir / "backup"});
  const auto lines = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "log");
    std::vector<Json> found;
    std::istringstream text(done(arguments));
    for (std::string line; std::getline(text, line);) found.push_back(Json::parse(line));
    return found;
  };
  const auto feed = events(server.api());
  CHECK(lines({"--data", server.data()}) == feed);
  CHECK(lines({"--data", dir / "backup"}) == feed);
  CHECK(lines({"--data", server.data(), "--from", "3", "--to", "5"}) ==
        std::vector<Json>(feed.begin() + 2, feed.begin() + 5));
  const auto naming = [&](const std::string& field, const std::string& id) {
    std::vector<Json> found;
    for (const Json& event : feed) {
      if (event.value(field, "") == id ||
          (field == "subscription_id" && event.value("held_on", "") == id)) {
        found.push_back(event);
      }
    }
    return found;
  };
  const std::string data = server.data();
  CHECK(lines({"--data", data, "--session", "c1"}) == naming("session_id", "c1"));
  CHECK(lines({"--data", data, "--subscription", "s1"}) == naming("subscription_id", "s1"));
  CHECK(lines({"--data", data, "--doctor", "d1"}) == naming("doctor_id", "d1"));
  CHECK(lines({"--data", data, "--session", "nobody"}).empty());
}

TEST_CASE("explain tells why each unit was taken") {
  TestServer server;
  Api& api = server.api();
  api.grant("s1", "p1", 2, {{"payment_ref", "pay-1"}});
  api.grant("s2", "p1", 5);
  api.open("c1", "voice", "p1", "d1");
  api.advance(25 * minute_ms);
  api.end("c1");
  api.post("/v1/sessions/c1/refunds", {{"units", 1}, {"reason", "bad line"}});
  CHECK(done({"explain", "c1", "--data", server.data()}) ==
        R"(session c1: voice, patient p1, doctor d1
policy 1: an interval is 600 s; a unit pays 350000 MWK; a conversation under 60 s is free; the started interval costs a manual unit; outages bill_all
2026-01-01T00:00:00.000Z  #4  created; a unit of s1 (pay-1) is held, and nothing is paid yet
2026-01-01T00:00:00.000Z  #5  activated: the first boundary is 2026-01-01T00:10:00.000Z
2026-01-01T00:10:00.000Z  #6  interval 1 completed at 2026-01-01T00:10:00.000Z: 1 of s1 (pay-1) taken, 350000 MWK paid to d1; the next unit is held on s1 (pay-1); asked for by timer
2026-01-01T00:20:00.000Z  #7  interval 2 completed at 2026-01-01T00:20:00.000Z: 1 of s1 (pay-1) taken, 350000 MWK paid to d1; the next unit is held on s2; asked for by timer
2026-01-01T00:25:00.000Z  #8  ended at 2026-01-01T00:25:00.000Z by patient, hangup, after 1500 s: the manual unit, for interval 3 which had begun: 1 of s2 taken, 350000 MWK paid to d1; asked for by patient
2026-01-01T00:25:00.000Z  #9  1 given back to s2, 350000 MWK taken back from d1: bad line
in all 3 units taken, 0 intervals forgiven, 1 units refunded; d1 has 700000 MWK of it
)");
  refused({"explain", "c2", "--data", server.data()}, "no session c2");
}

// A data directory that was damaged while nobody looked.
#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/e2e/api.hpp"

using namespace toll::test;
namespace fs = std::filesystem;

namespace {

/// The write-ahead log that holds the most: RocksDB names them NUMBER.log.
fs::path largest_log(const fs::path& data) {
  fs::path found;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".log") continue;
    if (found.empty() || entry.file_size() > fs::file_size(found)) found = entry.path();
  }
  REQUIRE(!found.empty());
  return found;
}

void flip(const fs::path& file, std::uintmax_t offset) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(stream.get());
  stream.seekp(static_cast<std::streamoff>(offset));
  stream.put(static_cast<char>(byte ^ 0x10));
  REQUIRE(stream.good());
}

/// A directory with a few hundred groups in its log, left behind by kill -9.
std::uint64_t busy_directory(const fs::path& data) {
  Server server(data, {"--test-clock", midnight});
  Api api(server);
  api.grant("s1", "p1", 1000);
  for (int i = 0; i < 60; ++i) {
    const std::string id = "c" + std::to_string(i);
    api.open(id, "voice", "p1", "d1");
    api.advance(11 * minute_ms, false);
    api.end(id);
  }
  const std::uint64_t seq = api.last_seq();
  server.stop(SIGKILL);
  return seq;
}

Finished start_and_end(const fs::path& data) {
  return run({tolld_path(), "--data", data, "--listen", "127.0.0.1:0", "--auth", "off",
              "--test-clock", midnight});
}

}  // namespace

TEST_CASE(
    "a group of which only the beginning was written is dropped, and all before it is there") {
  TempDir dir;
  const std::uint64_t before = busy_directory(dir / "data");
  const fs::path log = largest_log(dir / "data");
  std::ofstream(log, std::ios::binary | std::ios::app) << "begun";
  {
    Server server(dir / "data", {"--test-clock", midnight});
    Api api(server);
    CHECK(api.last_seq() >= before);
    CHECK(api.session("c59")["status"] == "ended");
    CHECK(api.wallet("d1")["balance"] == 60 * 2 * rate);
    const std::string torn = "torn_bytes";
    const std::string log = server.errors();
    REQUIRE(log.find(torn) != std::string::npos);
    const std::size_t digit = log.find_first_of("0123456789", log.find(torn));
    CHECK(std::stoull(log.substr(digit)) > 0);
    CHECK(server.stop(SIGTERM) == 0);
  }
  const Finished verify = run({tollctl_path(), "verify", "--data", dir / "data"});
  INFO(verify.output << verify.errors);
  CHECK(verify.status == 0);
}

TEST_CASE("a flipped byte in the middle refuses to start, and says which file and where") {
  TempDir dir;
  busy_directory(dir / "whole");
  for (const int percent : {10, 25, 40, 50, 60, 75, 90}) {
    INFO(percent << " % into the log");
    const fs::path data = dir / ("flipped-" + std::to_string(percent));
    fs::copy(dir / "whole", data, fs::copy_options::recursive);
    const fs::path log = largest_log(data);
    flip(log, fs::file_size(log) * percent / 100);
    const Finished refused = start_and_end(data);
    INFO(refused.errors);
    CHECK(refused.status != 0);
    CHECK(refused.status < 128);
    CHECK(refused.output.empty());
    CHECK(refused.errors.find(log.filename().string()) != std::string::npos);
    CHECK(refused.errors.find("offset") != std::string::npos);
    CHECK(run({tollctl_path(), "verify", "--data", data}).status != 0);
  }
}

TEST_CASE("a byte flipped in the last record is damage too, not a torn tail") {
  TempDir dir;
  busy_directory(dir / "data");
  const fs::path log = largest_log(dir / "data");
  flip(log, fs::file_size(log) - 2);
  const Finished refused = start_and_end(dir / "data");
  INFO(refused.errors);
  CHECK(refused.status != 0);
  CHECK(refused.status < 128);
}

TEST_CASE("damage in old history is an alarm: the server goes on, backup refuses") {
  TempDir dir;
  const fs::path data = dir / "data";
  std::uint64_t sessions = 0;
  for (int life = 0; life < 3; ++life) {  // each leaves a table of the journal
    Server server(data, {"--test-clock", midnight});
    Api api(server);
    if (life == 0) api.grant("s1", "p1", 100'000);
    for (int i = 0; i < 150; ++i) {
      const std::string id = "c" + std::to_string(sessions++);
      api.open(id, "voice", "p1", "d1");
      api.advance(11 * minute_ms, false);
      api.end(id);
    }
    REQUIRE(server.stop(SIGTERM) == 0);
  }
  fs::path oldest;
  for (const auto& entry : fs::directory_iterator(data)) {
    if (entry.path().extension() != ".sst" || entry.file_size() < 20'000) continue;
    if (oldest.empty() || entry.path() < oldest) oldest = entry.path();
  }
  REQUIRE(!oldest.empty());
  flip(oldest, 1'000);

  Server server(data, {"--test-clock", midnight});
  Api api(server);
  std::string metrics;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    metrics = api.client().get("/metrics").body;
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  } while (metrics.find("\ntoll_history_unchecked_bytes 0\n") == std::string::npos);
  CHECK(metrics.find("\ntoll_history_damaged_tables 1\n") != std::string::npos);
  CHECK(server.errors().find("history_damaged") != std::string::npos);
  CHECK(server.errors().find(oldest.filename().string()) != std::string::npos);

  CHECK(api.get("/v1/sessions/c0/statement").code() == "history_damaged");
  CHECK(api.session("c0")["status"] == "ended");
  api.open("new", "voice", "p1", "d1");
  api.advance(11 * minute_ms, false);
  api.end("new");
  CHECK(api.lines("new").size() == 2);

  const Finished backup = run({tollctl_path(), "backup", "--data", data, "--to", dir / "backup"});
  CHECK(backup.status == 1);
  CHECK(backup.errors.find(oldest.filename().string()) != std::string::npos);
  CHECK(server.stop(SIGTERM) == 0);
}

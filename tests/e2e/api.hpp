// The HTTP API as the end-to-end tests speak it: JSON in, JSON out, over one connection.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"

namespace toll::test {

using Json = nlohmann::json;

inline constexpr std::int64_t second_ms = 1000;
inline constexpr std::int64_t minute_ms = 60 * second_ms;
inline constexpr std::int64_t rate = 350'000;
inline const std::string midnight = "2026-01-01T00:00:00.000Z";
inline const std::string far_end = "2030-01-01T00:00:00.000Z";

/// `midnight` plus this many milliseconds, as the API writes it.
std::string clock_time(std::int64_t after_midnight_ms);

struct Reply {
  int status = 0;
  Json body;
  std::map<std::string, std::string> headers;

  /// The `code` of a problem document, empty when it is none.
  std::string code() const;
};

class Api {
 public:
  explicit Api(std::uint16_t port) : client_(port) {}
  explicit Api(const Server& server) : Api(server.port()) {}

  HttpClient& client() { return client_; }
  Reply get(const std::string& target);
  Reply post(const std::string& target, const Json& body = Json::object());
  Reply put(const std::string& target, const Json& body);
  Reply patch(const std::string& target, const Json& body);

  /// These fail the test when the answer is not the expected success.
  Json grant(const std::string& id, const std::string& patient, int units, Json more = {});
  Json start(const std::string& id, const std::string& channel, const std::string& patient,
             const std::string& doctor);
  /// Starts and activates.
  Json open(const std::string& id, const std::string& channel, const std::string& patient,
            const std::string& doctor);
  Json session(const std::string& id);
  Json deduct(const std::string& id);
  Json end(const std::string& id, const std::string& by = "patient");
  Json units(const std::string& subscription, const std::string& channel);
  Json wallet(const std::string& doctor);
  Json lines(const std::string& session);
  void advance(std::int64_t ms, bool run_timers = true);

  /// The last sequence number in the journal, by paging through the whole feed.
  std::uint64_t last_seq();

 private:
  HttpClient client_;
};

/// The items of every page of a list, or what `field` names; `before_page` runs before each
/// request.
std::vector<Json> all_pages(
    Api& api, const std::string& target, int limit, const std::string& field = "items",
    const std::function<void()>& before_page = [] {});

/// A start request, without sending it.
Json start_body(const std::string& id, const std::string& channel, const std::string& patient,
                const std::string& doctor);

/// A server whose clock stands at midnight.
class TestServer {
 public:
  explicit TestServer(std::vector<std::string> options = {});
  Api& api() { return *api_; }
  Server& server() { return *server_; }
  const TempDir& dir() const { return dir_; }
  std::filesystem::path data() const { return dir_ / "data"; }

  /// Kills it with SIGKILL and starts it again on the same data, its clock this far from midnight.
  void crash_and_restart(std::int64_t clock_ms = 0);

 private:
  TempDir dir_;
  std::vector<std::string> options_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Api> api_;
};

}  // namespace toll::test

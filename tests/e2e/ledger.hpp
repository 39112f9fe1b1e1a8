// An independent consumer of the feed: folds events into balances. Written from docs/EVENTS.md
// alone; shares no code with the server.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace toll::test {

class Ledger {
 public:
  using Json = nlohmann::json;

  /// The next event; throws std::runtime_error when it is not the next one or of no known type.
  void add(const Json& event);

  std::uint64_t last() const { return last_; }
  const std::set<std::string>& types() const { return types_; }

  // By id, with the names of the API's answers; only what follows from the feed.
  std::map<std::string, Json> subscriptions;
  std::map<std::string, Json> doctors;
  std::map<std::string, Json> sessions;
  std::map<std::string, Json> withdrawals;
  std::map<int, Json> policies;

 private:
  void count(const std::string& subscription, const std::string& channel, const char* counter,
             std::int64_t change);
  void earn(const Json& event, int sign);
  void create(const Json& event);
  void charge(const Json& event);
  void end(const Json& event);
  void refund(const Json& event);
  void move_withdrawal(const Json& event);

  std::uint64_t last_ = 0;
  std::set<std::string> types_;
};

}  // namespace toll::test

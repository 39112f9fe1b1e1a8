// A server that asks for tokens, with one caller for each role.
#pragma once

#include <map>

#include "tests/e2e/api.hpp"

namespace toll::test {

/// What `tollctl token create` prints for a server with this data directory.
std::string make_token(const std::filesystem::path& data, const std::string& name,
                       const std::string& role);
void revoke_token(const std::filesystem::path& data, const std::string& name);

inline constexpr std::chrono::seconds patience{20};

/// Asks until the answer has this status; false when it has not after a long time.
bool comes_to(Api api, int status);

Api with_token(const Server& server, const std::string& token);

/// A route's path with an id in it, and what follows.
std::string target_of(std::string_view path, const std::string& id, const std::string& query = "");

/// Patient p1 with doctor d1; p9 and d9 are others. The clock stands at midnight.
class GuardedServer {
 public:
  explicit GuardedServer(std::vector<std::string> options = {});

  /// `admin`, `service`, `read`, `patient:p1`, `patient:p9`, `doctor:d1`, `doctor:d9`, `none` (no
  /// token), `revoked` (one that was revoked before the start), `jwt patient:p1` or `jwt expired`.
  Api& as(const std::string& role);
  const std::string& token(const std::string& role) const { return tokens_.at(role); }
  Api& admin() { return as("admin"); }

  std::filesystem::path data() const { return dir_ / "data"; }
  Server& server() { return *server_; }

 private:
  TempDir dir_;
  std::map<std::string, std::string> tokens_;
  std::unique_ptr<Server> server_;
  std::map<std::string, Api> callers_;
};

}  // namespace toll::test

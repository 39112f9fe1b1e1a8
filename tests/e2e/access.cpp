#include "tests/e2e/access.hpp"

#include <catch2/catch.hpp>

#include "tests/support/jwt.hpp"

namespace toll::test {

std::string make_token(const std::filesystem::path& data, const std::string& name,
                       const std::string& role) {
  const Finished made = run(
      {tollctl_path(), "token", "create", "--data", data.string(), "--name", name, "--role", role});
  INFO(made.errors);
  REQUIRE(made.status == 0);
  return made.output.substr(0, made.output.find('\n'));
}

void revoke_token(const std::filesystem::path& data, const std::string& name) {
  const Finished done =
      run({tollctl_path(), "token", "revoke", "--data", data.string(), "--name", name});
  INFO(done.errors);
  REQUIRE(done.status == 0);
}

bool comes_to(Api api, int status) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until) {
    if (api.get("/v1/sessions/none").status == status) return true;
  }
  return false;
}

Api with_token(const Server& server, const std::string& token) {
  Api api(server);
  api.client().set_header("Authorization", "Bearer " + token);
  return api;
}

GuardedServer::GuardedServer(std::vector<std::string> options) {
  const std::map<std::string, std::string> roles{
      {"admin", "admin"},           {"service", "service"},       {"read", "read"},
      {"patient:p1", "patient-p1"}, {"patient:p9", "patient-p9"}, {"doctor:d1", "doctor-d1"},
      {"doctor:d9", "doctor-d9"}};
  for (const auto& [role, name] : roles) tokens_[role] = make_token(data(), name, role);
  tokens_["revoked"] = make_token(data(), "revoked", "admin");
  revoke_token(data(), "revoked");
  const std::string secret = "a secret of at least thirty-two bytes";
  tokens_["jwt patient:p1"] = hs256(hs256_header, claims("p1", "patient"), secret);
  tokens_["jwt expired"] = hs256(hs256_header, claims("root", "admin", -1), secret);
  options.insert(options.end(), {"--test-clock", midnight, "--jwt-secret-file",
                                 write_file(dir_ / "secret", secret + "\n")});
  server_ = std::make_unique<Server>(data(), options, false);
}

Api& GuardedServer::as(const std::string& role) {
  const auto [found, fresh] = callers_.try_emplace(role, *server_);
  if (fresh && role != "none") {
    found->second.client().set_header("Authorization", "Bearer " + tokens_.at(role));
  }
  return found->second;
}

std::string target_of(std::string_view path, const std::string& id, const std::string& query) {
  std::string target(path);
  const std::size_t at = target.find("{id}");
  if (at != target.npos) target.replace(at, 4, id);
  return target + query;
}

}  // namespace toll::test

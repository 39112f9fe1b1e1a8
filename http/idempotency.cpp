#include "http/idempotency.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "access/digest.hpp"

namespace toll::http {

namespace {

constexpr std::size_t max_key = 255;

/// The first half of the SHA-256 of `bytes`.
billing::RequestDigest digest(const std::string& bytes) {
  const access::Sha256 whole = access::sha256(bytes);
  billing::RequestDigest half;
  std::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

void drop_nulls(nlohmann::json& json) {
  if (json.is_object()) {
    for (auto member = json.begin(); member != json.end();) {
      member = member->is_null() ? json.erase(member) : std::next(member);
    }
  }
  for (nlohmann::json& inner : json) {
    if (inner.is_structured()) drop_nulls(inner);
  }
}

/// Members in the order of their names, without blanks: nlohmann's objects are sorted.
std::string canonical(std::string_view body) {
  if (body.empty()) return "{}";
  nlohmann::json json = nlohmann::json::parse(body);
  if (json.is_array()) return "{}";  // only an empty one is taken
  drop_nulls(json);
  return json.dump();
}

}  // namespace

bool usable_idempotency_key(std::string_view key) {
  return !key.empty() && key.size() <= max_key &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

billing::Cause cause_of(std::string_view principal, std::string_view key, Method method,
                        const Target& target, std::string_view body) {
  // Neither names nor keys nor segments contain a zero byte, so the parts cannot be mistaken.
  std::string owner(principal);
  owner.append(1, '\0').append(key);
  std::string request;
  if (method != Method::post) request.append(name(method)).append(1, '\0');
  for (const std::string& segment : target.segments) request.append(segment).append(1, '\0');
  request += canonical(body);
  billing::Cause cause;
  cause.key = digest(owner);
  cause.request = digest(request);
  return cause;
}

bool is_replayed(const actors::Answer& answer) {
  return std::visit(
      [](const auto& given) {
        if constexpr (requires { given.replayed; }) return given.replayed;
        return false;
      },
      answer);
}

}  // namespace toll::http

#include "http/jwt.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "http/json_value.hpp"

namespace toll::http {

namespace {

constexpr std::size_t longest_token = 4096;
constexpr std::size_t generation = 4096;

const JsonValue* member(const JsonValue& object, std::string_view name) {
  const auto found = std::find_if(object.items.begin(), object.items.end(),
                                  [&](const JsonValue& item) { return item.name == name; });
  return found == object.items.end() ? nullptr : &*found;
}

std::optional<std::string> text_member(const JsonValue& object, std::string_view name) {
  const JsonValue* value = member(object, name);
  if (!value || value->kind != JsonValue::Kind::string) return std::nullopt;
  return value->string;
}

/// A JSON object, written in base64url.
std::optional<JsonValue> decode_object(std::string_view part) {
  const auto text = access::decode_base64url(part);
  if (!text) return std::nullopt;
  ParsedJson parsed = parse_json(*text);
  if (parsed.error || parsed.value.kind != JsonValue::Kind::object) return std::nullopt;
  return std::move(parsed.value);
}

/// The role that the claims give; a subject has the form of an id in every role.
access::PrincipalPtr principal_of(const JsonValue& claims) {
  const auto subject = text_member(claims, "sub");
  const auto type = text_member(claims, "user_type");
  if (!subject || !type || !billing::valid_id(*subject)) return nullptr;
  const bool person = *type == "patient" || *type == "doctor";
  const auto grant = access::parse_grant(person ? *type + ":" + *subject : *type);
  if (!grant || type->find(':') != type->npos) return nullptr;  // the id comes from `sub` alone
  // No token of the token file has a colon in its name.
  return std::make_shared<const access::Principal>(
      access::Principal{access::text(*grant) + "/jwt:" + *subject, *grant});
}

}  // namespace

std::size_t JwtVerifier::FirstBytes::operator()(const access::Sha256& digest) const {
  std::size_t bytes = 0;
  std::memcpy(&bytes, digest.data(), sizeof bytes);
  return bytes;
}

void JwtVerifier::add_key(std::string algorithm, std::unique_ptr<access::SignatureKey> key) {
  keys_[std::move(algorithm)] = std::move(key);
}

access::PrincipalPtr JwtVerifier::identify(std::string_view token, std::time_t now) {
  if (token.size() > longest_token) return nullptr;
  const access::Sha256 digest = access::sha256(token);
  const Verified* known = nullptr;
  if (const auto young = young_.find(digest); young != young_.end()) {
    known = &young->second;
  } else if (const auto old = old_.find(digest); old != old_.end()) {
    known = &remember(digest, std::move(old->second));
  } else if (auto verified = verify(token)) {
    known = &remember(digest, std::move(*verified));
  }
  return known && known->valid_at(now) ? known->principal : nullptr;
}

const JwtVerifier::Verified& JwtVerifier::remember(const access::Sha256& digest,
                                                   Verified verified) {
  if (young_.size() >= generation) {
    old_ = std::move(young_);
    young_.clear();
  }
  return young_.insert_or_assign(digest, std::move(verified)).first->second;
}

std::optional<JwtVerifier::Verified> JwtVerifier::verify(std::string_view token) const {
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  if (first == second || first == token.npos) return std::nullopt;
  const auto header = decode_object(token.substr(0, first));
  const auto signature = access::decode_base64url(token.substr(second + 1));
  if (!header || !signature) return std::nullopt;

  const auto key = keys_.find(text_member(*header, "alg").value_or(""));
  // What `crit` names must be understood, and nothing of the kind is.
  if (key == keys_.end() || member(*header, "crit")) return std::nullopt;
  if (!key->second->signed_by(token.substr(0, second), *signature)) return std::nullopt;

  const auto claims = decode_object(token.substr(first + 1, second - first - 1));
  if (!claims) return std::nullopt;
  Verified verified;
  verified.principal = principal_of(*claims);
  const JsonValue* expires = member(*claims, "exp");
  const JsonValue* not_before = member(*claims, "nbf");
  if (!verified.principal || !expires || expires->kind != JsonValue::Kind::integer ||
      (not_before && not_before->kind != JsonValue::Kind::integer)) {
    return std::nullopt;
  }
  verified.expires = expires->integer;
  verified.not_before = not_before ? not_before->integer : std::numeric_limits<std::int64_t>::min();
  return verified;
}

}  // namespace toll::http

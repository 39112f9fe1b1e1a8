// Signs JSON Web Tokens as somebody else would, for tests.
#pragma once

#include <string>
#include <string_view>

struct evp_pkey_st;

namespace toll::test {

std::string base64url(std::string_view bytes);

/// Header and claims as they are, signed with the secret.
std::string hs256(const std::string& header, const std::string& claims, const std::string& secret);

/// A private key made now.
class RsaKey {
 public:
  explicit RsaKey(unsigned bits = 2048);
  ~RsaKey();
  RsaKey(const RsaKey&) = delete;
  RsaKey& operator=(const RsaKey&) = delete;

  std::string public_pem() const;
  std::string rs256(const std::string& header, const std::string& claims) const;

 private:
  evp_pkey_st* key_;
};

inline const std::string hs256_header = R"({"alg":"HS256","typ":"JWT"})";
inline const std::string rs256_header = R"({"alg":"RS256","typ":"JWT"})";

/// `sub`, `user_type` and an `exp` so many seconds from now.
std::string claims(const std::string& subject, const std::string& type, long expires_in_s = 3600);

}  // namespace toll::test

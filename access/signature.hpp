// The two ways to sign a JSON Web Token that are understood here, with OpenSSL.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace toll::access {

/// RFC 4648, section 5, without padding; none for anything that no encoder writes.
std::optional<std::string> decode_base64url(std::string_view text);

/// Checks signatures with one key. Immutable.
class SignatureKey {
 public:
  virtual ~SignatureKey() = default;
  virtual bool signed_by(std::string_view message, std::string_view signature) const = 0;

  /// HMAC with SHA-256. Throws std::invalid_argument for a secret shorter than 32 bytes.
  static std::unique_ptr<SignatureKey> hs256(std::string secret);

  /// RSASSA-PKCS1-v1_5 with SHA-256. `pem` is a public key; throws std::invalid_argument for
  /// anything else, and for RSA keys of less than 2048 bits.
  static std::unique_ptr<SignatureKey> rs256(const std::string& pem);
};

}  // namespace toll::access

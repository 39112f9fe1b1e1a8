// The keys of those who sign JSON Web Tokens, from the files that the operator names.
#pragma once

#include <stdexcept>
#include <string>

#include "http/jwt.hpp"

namespace toll::http {

struct JwtKeyFiles {
  std::string secret;       ///< for HS256; empty: none
  std::string public_key;   ///< PEM, for RS256; empty: none
  bool from_mount = false;  ///< the secret may have any mode

  bool any() const { return !secret.empty() || !public_key.empty(); }
};

/// A key file cannot be used; what() is a sentence that names it.
class KeyError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A verifier that has verified nothing yet. Throws KeyError.
JwtVerifier read_jwt_keys(const JwtKeyFiles& files);

}  // namespace toll::http

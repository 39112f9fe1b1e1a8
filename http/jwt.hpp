// JSON Web Tokens (RFC 7519) that somebody else signs: who the caller is, without a token file.
#pragma once

#include <ctime>
#include <map>
#include <unordered_map>

#include "access/digest.hpp"
#include "access/principal.hpp"
#include "access/signature.hpp"

namespace toll::http {

/// Verifies tokens and remembers those that it has verified. One thread.
class JwtVerifier {
 public:
  /// `algorithm`: HS256 or RS256. A token must name one that has a key, and is checked with that
  /// key only.
  void add_key(std::string algorithm, std::unique_ptr<access::SignatureKey> key);

  bool has_keys() const { return !keys_.empty(); }

  /// Who signed in, null for anything but a valid token: compact form, at most 4 KiB, signed,
  /// `sub` and `user_type`, and `exp` later than `now` (seconds, the wall clock), without leeway.
  access::PrincipalPtr identify(std::string_view token, std::time_t now);

  /// Tokens remembered, at most 2 x 4096.
  std::size_t remembered() const { return young_.size() + old_.size(); }

 private:
  struct Verified {
    access::PrincipalPtr principal;
    std::int64_t not_before = 0;
    std::int64_t expires = 0;

    bool valid_at(std::time_t now) const { return not_before <= now && now < expires; }
  };
  struct FirstBytes {
    std::size_t operator()(const access::Sha256& digest) const;
  };
  /// By the digest of the token: only tokens with a right signature come in.
  using Remembered = std::unordered_map<access::Sha256, Verified, FirstBytes>;

  const Verified& remember(const access::Sha256& digest, Verified verified);
  std::optional<Verified> verify(std::string_view token) const;

  std::map<std::string, std::unique_ptr<access::SignatureKey>> keys_;  ///< by algorithm
  // Two generations: when the young one is full it becomes the old one, which is forgotten.
  Remembered young_;
  Remembered old_;
};

}  // namespace toll::http

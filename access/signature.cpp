#include "access/signature.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <array>
#include <stdexcept>

namespace toll::access {

namespace {

constexpr std::size_t shortest_secret = 32;  ///< bytes: as long as the digest (RFC 7518, 3.2)
constexpr int shortest_rsa_key = 2048;       ///< bits (RFC 7518, 3.3)

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

class Hs256 final : public SignatureKey {
 public:
  explicit Hs256(std::string secret) : secret_(std::move(secret)) {
    if (secret_.size() < shortest_secret) {
      throw std::invalid_argument("a secret must have at least 32 bytes");
    }
  }

  bool signed_by(std::string_view message, std::string_view signature) const override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> right;
    unsigned length = 0;
    return HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), bytes(message),
                message.size(), right.data(), &length) != nullptr &&
           signature.size() == length && CRYPTO_memcmp(signature.data(), right.data(), length) == 0;
  }

 private:
  std::string secret_;
};

class Rs256 final : public SignatureKey {
 public:
  explicit Rs256(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    key_.reset(PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr));
    if (!key_) throw std::invalid_argument("it is not a public key in PEM");
    if (EVP_PKEY_base_id(key_.get()) != EVP_PKEY_RSA) {
      throw std::invalid_argument("it is not an RSA key");
    }
    if (EVP_PKEY_bits(key_.get()) < shortest_rsa_key) {
      throw std::invalid_argument("an RSA key must have at least 2048 bits");
    }
  }

  bool signed_by(std::string_view message, std::string_view signature) const override {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                            message.size()) == 1;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, EVP_PKEY_free};
};

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

}  // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string decoded;
  std::uint32_t window = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = sextet(c);
    if (value < 0) return std::nullopt;
    window = (window << 6 | static_cast<std::uint32_t>(value)) & 0xFFFF;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      decoded += static_cast<char>(window >> bits & 0xFF);
    }
  }
  // A whole sextet left over, or bits that an encoder leaves 0: two texts for one value.
  if (bits == 6 || (window & ((1u << bits) - 1)) != 0) return std::nullopt;
  return decoded;
}

std::unique_ptr<SignatureKey> SignatureKey::hs256(std::string secret) {
  return std::make_unique<Hs256>(std::move(secret));
}

std::unique_ptr<SignatureKey> SignatureKey::rs256(const std::string& pem) {
  return std::make_unique<Rs256>(pem);
}

}  // namespace toll::access

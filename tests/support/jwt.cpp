#include "tests/support/jwt.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <ctime>
#include <stdexcept>

namespace toll::test {

namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void require(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL refuses");
}

}  // namespace

std::string base64url(std::string_view text) {
  std::string coded(4 * ((text.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()), bytes(text),
                  static_cast<int>(text.size()));
  coded.resize(coded.find_first_of("=" + std::string(1, '\0')));
  for (char& c : coded) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return coded;
}

std::string hs256(const std::string& header, const std::string& claims, const std::string& secret) {
  const std::string message = base64url(header) + "." + base64url(claims);
  std::array<char, 32> signature;
  require(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes(message),
               message.size(), reinterpret_cast<unsigned char*>(signature.data()), nullptr));
  return message + "." + base64url({signature.data(), signature.size()});
}

RsaKey::RsaKey(unsigned bits) : key_(EVP_RSA_gen(bits)) { require(key_ != nullptr); }
RsaKey::~RsaKey() { EVP_PKEY_free(key_); }

std::string RsaKey::public_pem() const {
  BIO* const sink = BIO_new(BIO_s_mem());
  require(PEM_write_bio_PUBKEY(sink, key_) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(sink, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(sink);
  return pem;
}

std::string RsaKey::rs256(const std::string& header, const std::string& claims) const {
  const std::string message = base64url(header) + "." + base64url(claims);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  std::string signature(512, '\0');
  std::size_t size = signature.size();
  require(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_) == 1);
  require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                         bytes(message), message.size()) == 1);
  EVP_MD_CTX_free(context);
  return message + "." + base64url({signature.data(), size});
}

std::string claims(const std::string& subject, const std::string& type, long expires_in_s) {
  return R"({"sub":")" + subject + R"(","user_type":")" + type + R"(","exp":)" +
         std::to_string(std::time(nullptr) + expires_in_s) + "}";
}

}  // namespace toll::test

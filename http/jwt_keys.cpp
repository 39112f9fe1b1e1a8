#include "http/jwt_keys.hpp"

#include <fstream>
#include <sstream>

#include "access/secret_file.hpp"

namespace toll::http {

namespace {

template <class Make>
void add_key(JwtVerifier& jwt, const std::string& algorithm, const std::string& path, Make make) {
  if (path.empty()) return;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) throw KeyError("the key file " + path + " cannot be read");
  try {
    jwt.add_key(algorithm, make(text.str()));
  } catch (const std::invalid_argument& error) {
    throw KeyError("the key file " + path + ": " + error.what());
  }
}

}  // namespace

JwtVerifier read_jwt_keys(const JwtKeyFiles& files) {
  JwtVerifier jwt;
  if (!files.secret.empty() && !files.from_mount) {
    if (const auto why = access::exposed(files.secret)) throw KeyError("the key file " + *why);
  }
  add_key(jwt, "HS256", files.secret, [](std::string secret) {
    if (secret.ends_with('\n')) secret.pop_back();  // of the editor, not of the secret
    return access::SignatureKey::hs256(std::move(secret));
  });
  add_key(jwt, "RS256", files.public_key, access::SignatureKey::rs256);
  return jwt;
}

}  // namespace toll::http

#include "http/server_id.hpp"

#include <openssl/rand.h>

#include "billing/assert.hpp"

namespace toll::http {

std::string make_server_id(billing::Instant now) {
  static constexpr char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32
  std::string id(26, '0');
  for (std::size_t i = 10; i-- > 0; now >>= 5) id[i] = digits[now & 31];
  unsigned char random[16];
  TOLL_ASSERT(RAND_bytes(random, sizeof random) == 1);
  for (std::size_t i = 0; i < sizeof random; ++i) id[10 + i] = digits[random[i] & 31];
  return id;
}

}  // namespace toll::http

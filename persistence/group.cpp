#include "persistence/group.hpp"

#include <openssl/evp.h>

#include <cstring>
#include <limits>

#include "billing/assert.hpp"
#include "persistence/format.hpp"
#include "persistence/record.hpp"

namespace toll::persistence {

namespace {

template <class T>
void store(std::string& value, std::size_t place, T number) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value[place + i] = static_cast<char>(number >> (8 * i));
  }
}

template <class T>
T load(std::string_view value, std::size_t place) {
  T number = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    number |=
        static_cast<T>(static_cast<T>(static_cast<std::uint8_t>(value[place + i])) << (8 * i));
  }
  return number;
}

/// One context for each thread: creating one costs more than hashing a small group.
struct Hasher {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Hasher() { EVP_MD_CTX_free(context); }
};

Digest digest_of(std::string_view value) {
  thread_local Hasher hasher;
  Digest digest;
  const std::string_view head = value.substr(0, format::at_digest);
  const std::string_view payload = value.substr(format::group_header_bytes);
  TOLL_ASSERT(EVP_DigestInit_ex(hasher.context, EVP_sha256(), nullptr) == 1 &&
              EVP_DigestUpdate(hasher.context, head.data(), head.size()) == 1 &&
              EVP_DigestUpdate(hasher.context, payload.data(), payload.size()) == 1 &&
              EVP_DigestFinal_ex(hasher.context, reinterpret_cast<unsigned char*>(digest.data()),
                                 nullptr) == 1);
  return digest;
}

}  // namespace

GroupBuilder::GroupBuilder(billing::Seq first_seq, std::string memory)
    : first(first_seq), value(std::move(memory)) {
  value.assign(format::group_header_bytes, '\0');
}

void GroupBuilder::add(std::string_view body) {
  put_varint(value, body.size());
  value.append(body);
  body_bytes += body.size();
  ++records;
}

Digest GroupBuilder::seal(const Digest& previous) {
  using namespace format;
  store<std::uint32_t>(value, at_version, group_version);
  store<std::uint32_t>(value, at_payload_bytes,
                       static_cast<std::uint32_t>(value.size() - group_header_bytes));
  store<std::uint64_t>(value, at_first_seq, first);
  store<std::uint32_t>(value, at_records, records);
  store<std::uint32_t>(value, at_reserved, 0);
  std::memcpy(value.data() + at_previous, previous.data(), previous.size());
  const Digest digest = digest_of(value);
  std::memcpy(value.data() + at_digest, digest.data(), digest.size());
  return digest;
}

std::optional<GroupView> parse_group(std::string_view value) {
  using namespace format;
  if (value.size() < group_header_bytes) return std::nullopt;
  if (load<std::uint32_t>(value, at_version) != group_version) return std::nullopt;
  GroupView group;
  group.value = value;
  group.payload = value.substr(group_header_bytes);
  if (load<std::uint32_t>(value, at_payload_bytes) != group.payload.size()) return std::nullopt;
  group.first = load<std::uint64_t>(value, at_first_seq);
  group.records = load<std::uint32_t>(value, at_records);
  if (group.records == 0) return std::nullopt;
  if (group.first > std::numeric_limits<billing::Seq>::max() - group.records) return std::nullopt;
  std::memcpy(group.previous.data(), value.data() + at_previous, digest_bytes);
  std::memcpy(group.digest.data(), value.data() + at_digest, digest_bytes);
  return group;
}

std::size_t group_bytes(std::string_view header) {
  using namespace format;
  if (header.size() < group_header_bytes) return 0;
  if (load<std::uint32_t>(header, at_version) != group_version) return 0;
  return group_header_bytes + load<std::uint32_t>(header, at_payload_bytes);
}

bool intact(std::string_view value) {
  const auto group = parse_group(value);
  return group && group->digest == digest_of(value);
}

bool each_record(const GroupView& group, billing::Seq from,
                 const std::function<bool(billing::Record&&)>& visit) {
  std::string_view rest = group.payload;
  for (billing::Seq seq = group.first; seq <= group.last(); ++seq) {
    if (seq < from) {
      if (!skip_record(rest)) return false;
      continue;
    }
    billing::Record record;
    record.seq = seq;
    if (!take_record(rest, record)) return false;
    if (!visit(std::move(record))) return true;
  }
  return rest.empty();
}

std::string group_key(billing::Seq first) {
  std::string key(8, '\0');
  for (int i = 0; i < 8; ++i) key[i] = static_cast<char>(first >> (56 - 8 * i));
  return key;
}

std::optional<billing::Seq> parse_group_key(std::string_view key) {
  if (key.size() != 8) return std::nullopt;
  billing::Seq seq = 0;
  for (const char c : key) seq = seq << 8 | static_cast<std::uint8_t>(c);
  return seq;
}

}  // namespace toll::persistence

// What is written can be read back; what was not written by us is refused; and the bytes stay what
// they were in every earlier version.
#include "persistence/format.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <random>

#include "persistence/folded.hpp"
#include "persistence/group.hpp"
#include "persistence/keys.hpp"
#include "persistence/posting.hpp"
#include "persistence/record.hpp"
#include "tests/persistence/script.hpp"

using namespace toll;
using namespace toll::persistence;

namespace {

/// A third visitor for `fields`, beside encoder and decoder: fills an object with anything.
class Filler {
 public:
  explicit Filler(std::uint64_t seed) : random_(seed) {}

  template <class... T>
  bool operator()(T&... values) {
    (fill(values), ...);
    return true;
  }

  template <class... T>
  bool since(std::uint8_t, T&... values) {
    return (*this)(values...);
  }

  std::uint64_t number() {
    // Small and large ones alike: the length of a varint depends on it.
    return random_() >> random_() % 64;
  }

 private:
  void fill(bool& value) { value = random_() % 2 == 0; }
  void fill(char& value) { value = static_cast<char>(random_()); }
  void fill(std::string& value) {
    value.resize(random_() % 20);
    for (char& c : value) fill(c);
  }
  void fill(Places& value) {
    value = {};
    billing::Seq seq = 0;
    for (std::uint64_t i = random_() % 4; i > 0; --i) value.add(seq += 1 + number() / 8);
  }
  template <class T>
  requires std::integral<T>
  void fill(T& value) {
    value = static_cast<T>(number());
    if (std::signed_integral<T> && random_() % 2) value = static_cast<T>(~value);
  }
  template <class T>
  requires std::is_enum_v<T>
  void fill(T& value) { value = static_cast<T>(random_() % enum_size<T>); }
  template <class T, std::size_t N>
  void fill(std::array<T, N>& values) {
    for (T& value : values) fill(value);
  }
  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (random_() % 2) fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.resize(random_() % 4);
    for (T& value : values) fill(value);
  }
  template <class K, class T>
  void fill(std::map<K, T>& values) {
    values.clear();
    for (std::uint64_t i = random_() % 4; i > 0; --i) {
      K key{};
      fill(key);
      fill(values[key]);
    }
  }
  template <class T>
  requires std::is_class_v<T>
  void fill(T& value) { fields(*this, value); }

  std::mt19937_64 random_;
};

template <std::size_t... Tags>
billing::Fact any_fact(Filler& filler, std::size_t tag, std::index_sequence<Tags...>) {
  billing::Fact fact;
  ((tag == Tags && fields(filler, fact.emplace<Tags>())), ...);
  return fact;
}

billing::Fact any_fact(std::uint64_t seed) {
  constexpr std::size_t kinds = std::variant_size_v<billing::Fact>;
  Filler filler(seed);
  return any_fact(filler, seed % kinds, std::make_index_sequence<kinds>());
}

std::string record_bytes(billing::Instant at, const billing::Fact& fact,
                         const billing::Cause* cause = nullptr) {
  std::string body;
  encode_record(body, at, fact, cause);
  std::string bytes;
  put_varint(bytes, body.size());
  return bytes + body;
}

template <class Row>
void row_round_trip(std::uint64_t seed) {
  Filler filler(seed);
  Row row;
  fields(filler, row);
  const std::string bytes = encode(row);
  Row found;
  RC_ASSERT(decode(bytes, found));
  RC_ASSERT(found == row);
  RC_ASSERT(!decode(bytes + '\0', found));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    RC_ASSERT(!decode(std::string_view(bytes).substr(0, size), found));
  }
}

std::string hex(const Digest& digest) {
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("every fact is read back as it was written, and no part of it is taken for the whole") {
  CHECK(rc::check([](std::uint64_t seed, billing::Instant at) {
    const billing::Fact fact = any_fact(seed);
    std::optional<billing::Cause> cause;
    Filler filler(seed);
    if (seed % 2) fields(filler, cause.emplace());
    const std::string bytes = record_bytes(at, fact, cause ? &*cause : nullptr);
    std::string_view in = bytes;
    billing::Record found;
    RC_ASSERT(take_record(in, found));
    RC_ASSERT(in.empty());
    RC_ASSERT(found.at == at);
    RC_ASSERT(found.fact == fact);
    RC_ASSERT(found.cause == cause);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      in = std::string_view(bytes).substr(0, size);
      RC_ASSERT(!take_record(in, found));
    }
  }));
}

TEST_CASE("every row is read back as it was written, and no part of it is taken for the whole") {
  CHECK(rc::check([](std::uint64_t seed) {
    row_round_trip<Row<billing::Session>>(seed);
    row_round_trip<Row<billing::Subscription>>(seed);
    row_round_trip<Row<billing::Doctor>>(seed);
    row_round_trip<Row<billing::Withdrawal>>(seed);
    row_round_trip<Charges>(seed);
    row_round_trip<billing::Policy>(seed);
    row_round_trip<Mark>(seed);
    row_round_trip<KeptAnswer>(seed);
  }));
}

TEST_CASE("garbage is refused or read, never worse") {
  CHECK(rc::check([](std::uint64_t seed, const std::string& garbage) {
    std::string bytes = record_bytes(1, any_fact(seed));
    Filler filler(seed);
    for (int flips = 0; flips < 3; ++flips) {
      bytes[filler.number() % bytes.size()] = static_cast<char>(filler.number());
    }
    billing::Record record;
    for (std::string_view in : {std::string_view(bytes), std::string_view(garbage)}) {
      if (take_record(in, record)) (void)record_bytes(record.at, record.fact);
    }
    billing::Session session;
    billing::Subscription subscription;
    Places places;
    Charges charges;
    (void)decode(garbage, session);
    (void)decode(garbage, subscription);
    (void)decode(garbage, charges);
    if (places.read(garbage)) RC_ASSERT(places.numbers().size() == places.size());
    (void)parse_group(garbage);
  }));
}

TEST_CASE("a count that cannot be is refused before anything is allocated") {
  std::string bytes;
  put_varint(bytes, std::uint64_t{1} << 60);
  billing::Hold hold;
  CHECK_FALSE(decode(bytes, hold));
  std::vector<billing::Run> runs;
  Decoder decoder(bytes);
  CHECK_FALSE(decoder(runs));
}

TEST_CASE("a group whose numbers would wrap is none") {
  for (const billing::Seq first : {~0ull, ~0ull - 1, ~0ull - 2}) {
    GroupBuilder group(first, "");
    group.add(record_bytes(1, billing::Ready{}));
    group.add(record_bytes(1, billing::Ready{}));
    group.seal({});
    CHECK(parse_group(group.value).has_value() == (first == ~0ull - 2));
  }
}

TEST_CASE("a record with a flag that its kind does not have is refused") {
  for (const int flag : {2, 4, 8, 16, 32, 64, 128}) {
    std::string bytes = record_bytes(1, billing::Ready{});
    bytes[1] = static_cast<char>(flag);
    std::string_view in = bytes;
    billing::Record record;
    CHECK_FALSE(take_record(in, record));
  }
}

TEST_CASE("places are read back, and added to each other as if there had been one list") {
  CHECK(rc::check([](std::uint64_t seed) {
    Filler filler(seed);
    std::vector<billing::Seq> seqs{1 + filler.number() % 1000};
    for (int i = 0; i < 50; ++i) seqs.push_back(seqs.back() + 1 + filler.number() % 100'000);
    const std::size_t middle = filler.number() % seqs.size();
    Places all, first, second;
    for (std::size_t i = 0; i < seqs.size(); ++i) {
      all.add(seqs[i]);
      (i < middle ? first : second).add(seqs[i]);
    }
    RC_ASSERT(all.numbers() == seqs);
    first.add(second);
    RC_ASSERT(first == all);
    Places found;
    RC_ASSERT(found.read(all.bytes()));
    RC_ASSERT(found == all);
    RC_ASSERT(found.size() == seqs.size());
    found.add(seqs.back() + 1);
    RC_ASSERT(found.numbers().back() == seqs.back() + 1);
  }));
}

TEST_CASE("bytes that are no ascending list are no places") {
  Places places;
  for (const char* bytes : {"\x01\x80", "\x80"}) CHECK_FALSE(places.read(bytes));
  CHECK_FALSE(places.read(std::string_view("\x05\x00", 2)));
  CHECK_FALSE(places.read(std::string_view("\x00", 1)));
  CHECK_FALSE(places.read("\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));  // wraps
}

TEST_CASE("keys sort as their numbers do, and owners do not mix") {
  CHECK(keys::at(keys::owner('p', "a"), 255) < keys::at(keys::owner('p', "a"), 256));
  CHECK(keys::at(keys::owner('p', "a"), ~0ull) < keys::end_of(keys::owner('p', "a")));
  CHECK_FALSE(keys::at(keys::owner('p', "ab"), 1).starts_with(keys::owner('p', "a")));
  CHECK(keys::seq_after(keys::at(keys::row('a'), 77), 1) == 77);
  CHECK(parse_group_key(group_key(0x0102030405060708)) == 0x0102030405060708);
  CHECK_FALSE(parse_group_key("short"));
}

TEST_CASE("the bytes are those of every earlier version") {
  // If this fails, directories in use can no longer be read: change the code, not the digests.
  const auto records = test::every_kind();
  persistence::Folded folded;
  const auto digest_of = [&](std::size_t from, std::size_t to) {
    GroupBuilder group(from + 1, "");
    for (std::size_t i = from; i < to; ++i) {
      std::string body;
      const auto& cause = records[i].cause;
      encode_record(body, records[i].at, records[i].fact, cause ? &*cause : nullptr);
      group.add(body);
      folded.add(records[i]);
    }
    return hex(group.seal({}));
  };
  CHECK(digest_of(0, 21) == "56ece965ab7dab087629f3f84cca507492d306bccd2c0807db491ed452f26c91");
  GroupBuilder rows(1, "");
  for (const char* id : {"call", "chat", "late", "left"}) {
    rows.add(encode(folded.sessions.at(id)));
  }
  for (const char* id : {"s1", "s2"}) rows.add(encode(folded.subscriptions.at(id)));
  for (const char* id : {"d1", "d2"}) rows.add(encode(folded.doctors.at(id)));
  rows.add(encode(folded.policies.at(1)));
  rows.add(encode(folded.mark));
  CHECK(hex(rows.seal({})) == "9eee7350d9eab76c541af9eb0c2d04e0c39c2b7f5d1fd9976b51026bb2cfe897");
  // Withdrawals and refunds came later, and go on from there.
  CHECK(digest_of(21, 28) == "512df03b2b60c0ffced62c84e998b7adefea6865e94162fc883fbaa8c6c8305f");
  GroupBuilder money(1, "");
  for (const char* id : {"w1", "w2"}) money.add(encode(folded.withdrawals.at(id)));
  money.add(encode(folded.sessions.at("call")));
  money.add(encode(folded.doctors.at("d1")));
  CHECK(hex(money.seal({})) == "21f167daeaeabac827e99daa3a912b7d210bdd45ee695c9340481679850083aa");
  // Then causes, and the answers that are kept of them.
  CHECK(digest_of(28, 31) == "917902d689e80ec6aff15cd5fcfd7328e7f26d92d3aafb12c8834f52a9874700");
  GroupBuilder kept(1, "");
  for (const auto& [key, answer] : folded.kept) kept.add(encode(answer));
  CHECK(hex(kept.seal({})) == "edc7e3ae227e498e838c960833b804f8aba26291c1d36e5393bdd0ab42c739e5");
  // Then what came with the second edition.
  CHECK(digest_of(31, records.size()) ==
        "68429c1b311387f0ad096b6ef484c9508994cf49a65481f71b3d8c2c26ffec7d");
}

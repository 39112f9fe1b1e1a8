// Fields that a later edition added: what an earlier version wrote reads as it did, is written
// again as the same bytes, and each value has one encoding.
#include <catch2/catch.hpp>

#include "persistence/codec.hpp"

namespace toll::persistence {

namespace {

constexpr std::uint8_t second = 2;
constexpr std::uint8_t third = 4;

struct Probe {
  std::int64_t first = 0;
  std::int64_t added = 0;
  std::optional<bool> too;
  std::string last;
  bool operator==(const Probe&) const = default;
};

template <class V, class P>
bool fields(V& v, P& o) {
  return v(o.first) && v.since(second, o.added, o.too) && v.since(third, o.last);
}

std::string as_record(const Probe& probe) {
  std::string bytes(1, '\0');
  Encoder encoder(bytes, FlagsAt{0});
  fields(encoder, probe);
  return bytes;
}

bool read_record(const std::string& bytes, Probe& probe) {
  Decoder decoder(std::string_view(bytes).substr(1), static_cast<std::uint8_t>(bytes[0]));
  return fields(decoder, probe) && decoder.at_end();
}

/// Flags, then the bytes of the fields.
std::string bytes(std::initializer_list<int> all) {
  std::string out;
  for (const int byte : all) out.push_back(static_cast<char>(byte));
  return out;
}

}  // namespace

TEST_CASE("a record has the fields of an edition exactly when one of them says something") {
  struct Case {
    const char* name;
    Probe probe;
    std::string bytes;
  };
  const std::vector<Case> cases{
      {"as the first edition wrote it", {3, 0, {}, ""}, bytes({0, 6})},
      {"a number of the second", {3, 1, {}, ""}, bytes({2, 6, 2, 0})},
      {"a false that is there", {3, 0, false, ""}, bytes({2, 6, 0, 1, 0})},
      {"the third without the second", {3, 0, {}, "x"}, bytes({4, 6, 1, 'x'})},
      {"both", {3, 1, true, "x"}, bytes({6, 6, 2, 1, 1, 1, 'x'})},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(as_record(c.probe) == c.bytes);
    Probe found{9, 9, true, "left from before"};
    CHECK(read_record(c.bytes, found));
    CHECK(found == c.probe);
  }
}

TEST_CASE("what no version writes is refused") {
  const std::vector<std::pair<const char*, std::string>> wrong{
      {"fields of an edition that say nothing", bytes({2, 6, 0, 0})},
      {"fields that the flags do not name", bytes({0, 6, 2, 0})},
      {"flags without their fields", bytes({2, 6})},
      {"half of an edition's fields", bytes({2, 6, 2})},
      {"an edition that the kind does not have", bytes({8, 6})},
  };
  for (const auto& [name, record] : wrong) {
    INFO(name);
    Probe found;
    CHECK_FALSE(read_record(record, found));
  }
}

TEST_CASE("a row has the fields of every edition") {
  const Probe probe{3, 0, {}, ""};
  CHECK(encode(probe) == bytes({6, 0, 0, 0}));
  Probe found;
  CHECK(decode(bytes({6, 0, 0, 0}), found));
  CHECK(found == probe);
  CHECK_FALSE(decode(bytes({6}), found));
}

}  // namespace toll::persistence

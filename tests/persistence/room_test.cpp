// How much free space is enough, and for what: figures in, three answers out.
#include "persistence/room.hpp"

#include <rocksdb/env.h>

#include <catch2/catch.hpp>

#include "persistence/database.hpp"

namespace toll::test {

namespace {

using namespace persistence;

class DiskWith final : public rocksdb::EnvWrapper {
 public:
  explicit DiskWith(std::uint64_t free) : EnvWrapper(rocksdb::Env::Default()), free_(free) {}
  rocksdb::Status GetFreeSpace(const std::string&, std::uint64_t* free) override {
    *free = free_;
    return {};
  }

 private:
  const std::uint64_t free_;
};

constexpr std::uint64_t mib = 1u << 20;
constexpr std::uint64_t record = 512;

struct Case {
  const char* name;
  std::uint64_t free;
  std::uint64_t in_memory;  ///< bytes of rows
  billing::Seq behind;      ///< records that are not folded
  bool enough, for_tables, any;
};

const Case cases[] = {
    {"at the mark", low_water_bytes, 0, 0, true, true, true},
    {"below it", low_water_bytes - 1, 0, 0, false, false, true},
    {"the rows in memory fit above it", low_water_bytes + mib, mib, 0, true, true, true},
    {"and do not", low_water_bytes + mib, mib + 1, 0, false, false, true},
    {"they are more than there is", mib * 17, low_water_bytes, 0, false, false, true},
    {"what is still to fold fits", low_water_bytes + 10 * record, 0, 10, true, true, true},
    {"and does not", low_water_bytes + 10 * record, 0, 11, false, true, true},
    {"both", low_water_bytes + mib + 10 * record, mib, 10, true, true, true},
    {"neither", low_water_bytes + mib + 10 * record, mib, 11, false, true, true},
    {"room for signs of life", 16 * mib, 0, 0, false, false, true},
    {"not even for them", 16 * mib - 1, 0, 0, false, false, false},
    {"what is in memory is no matter to them", 16 * mib, mib, 0, false, false, true},
    {"nothing", 0, mib, 1, false, false, false},
};

}  // namespace

TEST_CASE("free space is enough, enough for tables, or any at all") {
  for (const Case& chosen : cases) {
    INFO(chosen.name);
    DiskWith disk(chosen.free);
    const Room room("/", &disk, [&] { return chosen.in_memory; });
    CHECK(room.enough(chosen.behind) == chosen.enough);
    CHECK(room.for_tables() == chosen.for_tables);
    CHECK(room.any() == chosen.any);
  }
}

}  // namespace toll::test

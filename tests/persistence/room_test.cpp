// How much free space is enough, and for what: figures in, three answers out.
#include "persistence/room.hpp"

#include <rocksdb/env.h>

#include <catch2/catch.hpp>

#include "persistence/database.hpp"
#include "tests/support/temporary_directory.hpp"

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
  std::uint64_t to_write;  ///< bytes of rows
  billing::Seq behind;     ///< records that are not folded
  bool enough, for_tables, any;
};

const Case cases[] = {
    {"at the mark", low_water_bytes, 0, 0, true, true, true},
    {"below it", low_water_bytes - 1, 0, 0, false, false, true},
    {"the rows to be written fit above it", low_water_bytes + mib, mib, 0, true, true, true},
    {"and do not", low_water_bytes + mib, mib + 1, 0, false, false, true},
    {"they are more than there is", mib * 17, low_water_bytes, 0, false, false, true},
    {"what is still to fold fits", low_water_bytes + 10 * record, 0, 10, true, true, true},
    {"and does not", low_water_bytes + 10 * record, 0, 11, false, true, true},
    {"both", low_water_bytes + mib + 10 * record, mib, 10, true, true, true},
    {"neither", low_water_bytes + mib + 10 * record, mib, 11, false, true, true},
    {"room for signs of life", 16 * mib, 0, 0, false, false, true},
    {"not even for them", 16 * mib - 1, 0, 0, false, false, false},
    {"rows to be written are no matter to them", 16 * mib, mib, 0, false, false, true},
    {"nothing", 0, mib, 1, false, false, false},
};

}  // namespace

TEST_CASE("free space is enough, enough for tables, or any at all") {
  for (const Case& chosen : cases) {
    INFO(chosen.name);
    DiskWith disk(chosen.free);
    const Room room("/", &disk, [&] { return chosen.to_write; });
    CHECK(room.enough(chosen.behind) == chosen.enough);
    CHECK(room.for_tables() == chosen.for_tables);
    CHECK(room.any() == chosen.any);
  }
}

TEST_CASE("the newest tables of rows count as still to be written: a compaction makes them anew") {
  const TemporaryDirectory home;
  DiskFailure failure([](const std::string& what) { FAIL(what); }, false);
  const auto database = Database::open(home.inside("data"), nullptr, OpenMode::read_write, failure);
  const std::string row(mib, 'x');
  for (char key = '0'; key < '5'; ++key) {
    REQUIRE(database->rows().Put({}, std::string(1, key), row).ok());
  }
  CHECK(database->rows_to_write() >= 5 * mib);
  database->flush();
  std::uint64_t tables = 0;
  REQUIRE(database->rows().GetIntProperty("rocksdb.total-sst-files-size", &tables));
  CHECK(tables > 0);
  CHECK(database->rows_to_write() >= tables);
}

}  // namespace toll::test

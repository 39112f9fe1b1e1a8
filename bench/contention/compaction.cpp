#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "bench/contention/clinic.hpp"
#include "persistence/database.hpp"

namespace toll::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* work_left[] = {"rocksdb.mem-table-flush-pending",
                                     "rocksdb.num-running-flushes", "rocksdb.compaction-pending",
                                     "rocksdb.num-running-compactions"};

bool busy(persistence::Database& database) {
  return std::ranges::any_of(work_left, [&](const char* property) {
    std::uint64_t journal = 0, rows = 0;
    database.db().GetIntProperty(database.journal(), property, &journal);
    database.rows().GetIntProperty(property, &rows);
    return journal + rows != 0;
  });
}

}  // namespace

void finish_compaction(const std::filesystem::path& directory) {
  persistence::DiskFailure failure(
      [](const std::string& what) { throw std::runtime_error("broken disk: " + what); }, false);
  const auto database = persistence::Database::open(directory.string(), nullptr,
                                                    persistence::OpenMode::read_write, failure);
  // Tables that wait for more of their level are compacted too: their bytes are not left out.
  database->check(database->rows().CompactRange({}, nullptr, nullptr), "compacting rows");
  // RocksDB 7.8 has no call that waits; a finished compaction may start the next one a moment
  // later.
  for (int quiet = 0; quiet < 5; quiet = busy(*database) ? 0 : quiet + 1) {
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace toll::bench

// The power is cut at every sync point of a scenario with every kind of record: what was
// acknowledged is there afterwards, and what is there is a prefix of what was appended.
#include <rocksdb/env.h>

#include <catch2/catch.hpp>
#include <memory>
#include <set>

#include "persistence/verify.hpp"
#include "persistence/witness.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/power_cut_fs.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

struct Acknowledged {
  billing::Seq seq = 0;
  std::optional<billing::Instant> sign_of_life;
  billing::Seq witnessed = 0;
};

/// Opens three times and appends a third of the records each time, one group each, until the power
/// goes out.
Acknowledged run(const std::string& directory, rocksdb::Env& env,
                 const std::vector<billing::Record>& records) {
  Acknowledged acknowledged;
  try {
    std::size_t next = 0;
    for (std::size_t third = 1; third <= 3; ++third) {
      const auto storage = Storage::open(by_hand(directory, &env));
      for (; next < records.size() * third / 3; ++next) {
        const auto opened = std::make_shared<Opened>();
        const auto& cause = records[next].cause;
        const auto seq = storage->journal().append(records[next].at, records[next].fact,
                                                   cause ? &*cause : nullptr);
        storage->journal().when_durable(seq, opened);
        storage->pump();
        if (opened->times == 1) acknowledged.seq = seq;
      }
      storage->record_sign_of_life(records[next - 1].at);
      acknowledged.sign_of_life = records[next - 1].at;
      acknowledged.witnessed = acknowledged.seq;
    }
  } catch (const BrokenDisk&) {
  } catch (const StorageError&) {
  }
  return acknowledged;
}

void cut_everywhere(PowerCutFileSystem::Leftover leftover) {
  const auto records = every_kind();
  for (std::size_t n = 1;; ++n) {
    const TemporaryDirectory place;
    const std::string directory = place.inside("data");
    const auto system = std::make_shared<PowerCutFileSystem>();
    const auto env = environment(system);
    system->cut_at_sync(n);
    const Acknowledged acknowledged = run(directory, *env, records);
    const bool finished = !system->cut();
    system->leave(leftover);
    INFO("power cut at sync " << n << ", acknowledged up to record " << acknowledged.seq);
    const auto witness = read_witness(directory, *rocksdb::Env::Default());
    const billing::Seq witnessed = witness ? witness->known.head : 0;
    {
      const auto storage = Storage::open(by_hand(directory));
      const auto found = events(*storage);
      REQUIRE(found.size() >= acknowledged.seq);
      REQUIRE(witnessed >= acknowledged.witnessed);
      REQUIRE(witnessed <= found.size());
      REQUIRE(std::equal(found.begin(), found.end(), records.begin()));
      REQUIRE(storage->recovered().sign_of_life >= acknowledged.sign_of_life);
      // It goes on from there.
      fill(*storage, {records.begin() + static_cast<std::ptrdiff_t>(found.size()), records.end()});
    }
    REQUIRE(verify(directory).records == records.size());
    if (finished) {
      REQUIRE(acknowledged.seq == records.size());
      REQUIRE(n > 60);
      WARN("the power was cut at each of " << n - 1 << " syncs");
      return;
    }
  }
}

}  // namespace

TEST_CASE("the scenario has every kind of record, and every move of a withdrawal") {
  std::set<std::size_t> kinds;
  std::set<billing::WithdrawalStatus> moves;
  for (const auto& record : every_kind()) {
    kinds.insert(record.fact.index());
    if (const auto* fact = std::get_if<billing::WithdrawalMoved>(&record.fact)) {
      moves.insert(fact->status);
    }
  }
  CHECK(kinds.size() == std::variant_size_v<billing::Fact>);
  CHECK(moves.size() == 3);
}

TEST_CASE("a power cut at any sync loses nothing that was acknowledged") {
  cut_everywhere(PowerCutFileSystem::Leftover::none);
}

TEST_CASE("nor does one that leaves half of what was not synced") {
  cut_everywhere(PowerCutFileSystem::Leftover::half);
}

#include "bench/contention/books.hpp"

#include <future>

#include "persistence/verify.hpp"

namespace toll::bench {

namespace {

constexpr std::int64_t most_entries_read = 100'000;
constexpr std::size_t page = 500;

class Reader {
 public:
  Reader(const persistence::Rows& rows, const Work& work, const Tally& tally)
      : rows_(rows), work_(work), tally_(tally) {}

  std::int64_t check() {
    std::int64_t taken = 0, used = 0, live = 0;
    rows_.each_subscription([&](billing::Subscription&& subscription) {
      taken += subscription.taken[index(billing::Channel::voice)];
    });
    rows_.each_live_session([&](billing::Session&& session) {
      ++live;
      used += session.units_used;
      expect_in_books("units of " + session.id, session.units_used, answered(session.id));
      expect_in_books("rounds of " + session.id, tally_.rounds, answered(session.id));
    });
    expect_in_books("number of refusals", tally_.refused, 0);
    expect_in_books("number of requests", tally_.attempts, tally_.units * work_.attempts());
    expect_in_books("number of live sessions", live, static_cast<std::int64_t>(work_.sessions()));
    expect_in_books("units taken", taken, tally_.units);
    expect_in_books("units of all sessions", used, tally_.units);
    rows_.each_doctor([&](billing::Doctor&& doctor) {
      const std::int64_t units = answered(doctor.id);
      expect_in_books("wallet of " + doctor.id, doctor.balance(), units * unit_pay);
      if (entries_ < most_entries_read)
        expect_in_books("entries of " + doctor.id, entries(doctor.id), units);
    });
    return entries_;
  }

 private:
  std::int64_t answered(const std::string& id) const {
    return tally_.units_of_session.at(number_of(id));
  }

  /// The units of the doctor's entries: a request that is ahead makes one entry of two units.
  std::int64_t entries(const std::string& doctor) {
    std::int64_t units = 0;
    std::optional<std::string> cursor;
    do {
      const auto list = rows_.entries(doctor, cursor, page);
      entries_ += static_cast<std::int64_t>(list->items.size());
      for (const billing::WalletEntry& entry : list->items) units += entry.units;
      cursor = list->next;
    } while (cursor);
    return units;
  }

  const persistence::Rows& rows_;
  const Work& work_;
  const Tally& tally_;
  std::int64_t entries_ = 0;
};

}  // namespace

std::int64_t check_books(Clinic& clinic, const Work& work, const Tally& tally) {
  std::promise<std::int64_t> entries;
  clinic.engine().query("", [&](const persistence::Rows& rows) {
    try {
      entries.set_value(Reader(rows, work, tally).check());
    } catch (...) {
      entries.set_exception(std::current_exception());
    }
  });
  return entries.get_future().get();
}

void verify_directory(const std::filesystem::path& directory, const Tally& tally) {
  expect_in_books("units in the journal", persistence::verify(directory.string()).units_taken,
                  tally.units);
}

}  // namespace toll::bench

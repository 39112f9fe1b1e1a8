#include "bench/history/maker.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "persistence/database.hpp"
#include "persistence/group.hpp"
#include "persistence/record.hpp"
#include "persistence/storage.hpp"

namespace toll::bench {

namespace {

using namespace billing;

constexpr std::uint64_t at_once = 1'000;  ///< live sessions
constexpr std::uint64_t doctors = 1'000;
constexpr std::size_t group_bytes = 64 * 1024;
constexpr Instant began = 1'767'225'600'000;  // 2026-01-01
constexpr Instant two_years = Instant{2} * 365 * 24 * 60 * 60 * 1000;
constexpr std::int64_t rate = 350'000;

constexpr std::size_t reason_bytes = 4'000;  // 1,000 characters may be so long

/// Text that does not compress much.
std::string noise(std::uint64_t& state) {
  std::string text;
  while (text.size() < reason_bytes) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    for (int shift = 0; shift < 60; shift += 6) {
      text += static_cast<char>('0' + (state >> shift) % 64);
    }
  }
  return text;
}

/// Ascending, and as long as those that the server makes.
std::string id(const char* kind, std::uint64_t number) {
  std::string text = std::to_string(number);
  std::uint64_t noise = (number + 1) * 0x9e3779b97f4a7c15;
  text.insert(0, 9 - std::min<std::size_t>(9, text.size()), '0');
  text.insert(0, kind);
  for (; text.size() < 26; noise /= 26) text += static_cast<char>('a' + noise % 26);
  return text;
}

class Maker {
 public:
  Maker(persistence::Database& database, const History& history)
      : database_(database),
        history_(history),
        each_(two_years / static_cast<Instant>(
                              history.sessions * (history.charges + history.refunds + 3) + 1)) {}

  Made run() {
    add(PolicyRecorded{1, {}});
    const std::uint64_t uses =
        std::max<std::uint64_t>(1, history_.sessions / history_.subscriptions);
    std::uint64_t granted = 0;
    for (std::uint64_t first = 0, round = 0; first < history_.sessions; first += at_once, ++round) {
      const std::uint64_t count = std::min(at_once, history_.sessions - first);
      if (round % uses == 0) {
        pool_ = granted;
        for (std::uint64_t i = 0; i < at_once; ++i) grant(granted++, uses);
      }
      consultations(first, count);
      if (round % 10 == 9) withdraw(round);
    }
    write();
    return made_;
  }

 private:
  void add(const Fact& fact, const Cause* cause = nullptr) {
    body_.clear();
    now_ += each_;
    persistence::encode_record(body_, now_, fact, cause);
    if (group_.value.size() + body_.size() > group_bytes) write();
    group_.add(body_);
  }

  void write() {
    if (group_.records == 0) return;
    digest_ = group_.seal(digest_);
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    database_.check(database_.db().Put(options, database_.journal(),
                                       persistence::group_key(group_.first), group_.value),
                    "writing the journal");
    made_.records += group_.records;
    made_.journal_bytes += group_.value.size();
    group_ = persistence::GroupBuilder(group_.last() + 1, std::move(group_.value));
  }

  void grant(std::uint64_t number, std::uint64_t uses) {
    Granted fact;
    fact.subscription = id("sub", number);
    fact.version = 1;
    fact.patient = id("pat", number);
    fact.members = {id("mem", number)};
    fact.units[index(Channel::voice)] = static_cast<std::int64_t>(uses * (history_.charges + 2));
    fact.starts_at = now_;
    fact.ends_at = now_ + two_years;
    fact.plan = "family";
    fact.payment_ref = id("pay", number);
    fact.fingerprint = id("fp", number);
    add(fact);
  }

  Hold hold(std::uint64_t i) const {
    return {id("sub", pool_ + i % at_once), id("pay", pool_ + i % at_once)};
  }
  static std::string doctor(std::uint64_t i) { return id("doc", i % doctors); }

  /// As many at once: each of their records is that many away from the one before.
  void consultations(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
      add(Created{id("ses", i), 1, Channel::voice, id("pat", pool_ + i % at_once), doctor(i),
                  default_currency, std::nullopt, 1, hold(i)});
    }
    for (std::uint64_t i = first; i < first + count; ++i) add(Activated{id("ses", i), 2});
    for (std::uint64_t n = 1; n <= history_.charges; ++n) {
      for (std::uint64_t i = first; i < first + count; ++i) {
        add(Charged{id("ses", i),
                    2 + n,
                    Channel::voice,
                    static_cast<std::int64_t>(n),
                    1,
                    hold(i),
                    hold(i),
                    doctor(i),
                    {rate, default_currency},
                    "timer"});
      }
    }
    for (std::uint64_t i = first; i < first + count; ++i) end(i);
    for (std::uint64_t n = 0; n < history_.refunds; ++n) {
      for (std::uint64_t i = first; i < first + count; ++i) refund(i, n, noise(noise_));
    }
    // Others come when somebody else has been there since.
    for (std::uint64_t i = late_; i < first; i += 100) {
      refund(i, history_.refunds, "not answered well");
    }
    late_ = first;
  }

  void end(std::uint64_t i) {
    Ended fact;
    fact.session = id("ses", i);
    fact.version = 3 + history_.charges;
    fact.channel = Channel::voice;
    fact.ended_at = now_;
    fact.ended_by = Party::patient;
    fact.units = 1;
    fact.hold = hold(i);
    fact.doctor = doctor(i);
    fact.pay = {rate, default_currency};
    fact.triggered_by = "end";
    Cause cause;
    const std::string key = id("key", i);
    std::copy(key.begin(), key.begin() + 16, cause.key.begin());
    add(fact, i % 10 == 0 ? &cause : nullptr);
    made_.units += static_cast<std::int64_t>(history_.charges) + 1;
  }

  /// Of a session of this round, or of the one before, which may have had another pool.
  void refund(std::uint64_t i, std::uint64_t earlier, const std::string& reason) {
    const std::uint64_t uses =
        std::max<std::uint64_t>(1, history_.sessions / history_.subscriptions);
    const std::uint64_t pool = i / at_once / uses * at_once;
    add(Refunded{id("ses", i),
                 4 + history_.charges + earlier,
                 Channel::voice,
                 {id("sub", pool + i % at_once), id("pay", pool + i % at_once)},
                 1,
                 doctor(i),
                 {rate, default_currency},
                 reason});
  }

  void withdraw(std::uint64_t round) {
    const std::string name = id("wdr", round), whose = doctor(round);
    Version& version = versions_[round % doctors];
    add(WithdrawalRequested{name, whose, ++version, {rate, default_currency}});
    add(WithdrawalMoved{
        name, whose, ++version, WithdrawalStatus::approved, {rate, default_currency}});
    add(WithdrawalMoved{name, whose, ++version, WithdrawalStatus::paid, {rate, default_currency}});
  }

  persistence::Database& database_;
  const History history_;
  const Instant each_;
  Instant now_ = began;
  Made made_;
  persistence::GroupBuilder group_{1, {}};
  persistence::Digest digest_{};
  std::string body_;
  std::uint64_t pool_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t noise_ = 1;
  std::vector<Version> versions_ = std::vector<Version>(doctors);
};

[[noreturn]] void broken(const std::string& what) { throw std::runtime_error(what); }

}  // namespace

Made make_history(const std::string& directory, const History& history) {
  Made made;
  {
    persistence::DiskFailure failure(broken, true);
    std::filesystem::create_directories(directory);
    const auto database =
        persistence::Database::open(directory, nullptr, persistence::OpenMode::read_write, failure);
    made = Maker(*database, history).run();
    database->flush();
    failure.raise_noted();
  }
  persistence::StorageOptions options;
  options.directory = directory;
  options.threads = false;
  options.on_broken_disk = broken;
  persistence::Storage::open(std::move(options));  // folds the rows
  return made;
}

}  // namespace toll::bench

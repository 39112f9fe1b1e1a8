#include "persistence/row_scan.hpp"

#include <algorithm>
#include <future>
#include <memory>

#include "persistence/compare_rows.hpp"
#include "persistence/keys.hpp"
#include "persistence/posting.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

class Scan {
 public:
  Scan(rocksdb::DB& rows, const RowHash& hash, RowScan& found)
      : rows_(rows), hash_(hash), found_(found) {}

  void row(std::string_view key, std::string_view value) {
    switch (key.front()) {
      case format::mark_row:
        if (key.size() != 1) wrong_row(key, "should not be there");
        if (!decode(value, found_.mark)) wrong_row(key, "cannot be read");
        return;
      case format::policy_row:
        found_.sums[0] += hash_(key, value);
        return;
      case format::session_row:
        return entity<billing::Session>(key, value, format::statement_posting);
      case format::subscription_row:
        return entity<billing::Subscription>(key, value, 0);
      case format::doctor_row:
        return entity<billing::Doctor>(key, value, format::entry_posting);
      case format::withdrawal_row:
        return entity<billing::Withdrawal>(key, value, 0);
      case format::kept_row:
        return kept(key, value);
      case format::expiry_index:
        places_ -= hash_(key);
        return;
      case format::all_index:
      case format::patient_index:
      case format::doctor_index:
      case format::status_index:
        found_.sums[hash_.part_of(value.substr(value.empty() ? 0 : 1))] += hash_(key, value);
        return;
      case format::statement_posting:
        return posting(key, value, format::session_row);
      case format::entry_posting:
        return posting(key, value, format::doctor_row);
      default:
        wrong_row(key, "is of no known kind");
    }
  }

  /// Places of kept answers that were missing, less those that were left, as a number.
  std::uint64_t finish() {
    end_of_postings();
    return places_;
  }

 private:
  void odd(std::size_t part) { found_.odd.insert(part); }

  /// The places are no part of the number of a row: which of them are in it is nobody's business
  /// but the materialiser's.
  template <class Entity>
  void entity(std::string_view key, std::string_view value, char list) {
    const std::string_view id = key.substr(1);
    const std::uint64_t owner = hash_(id);
    const std::size_t part = hash_.part_of(id);
    Row<Entity> row;
    if (!decode(value, row)) return odd(part);
    const std::size_t places = row.newest.bytes().size();
    found_.sums[part] += hash_(key, value.substr(0, value.size() - places - varint_bytes(places)));
    if (places == 0) return;
    if (list == 0) return odd(part);
    for (const billing::Seq seq : row.newest.numbers()) {
      found_.sums[part] += hash_.place(list, owner, seq);
    }
  }

  void kept(std::string_view key, std::string_view value) {
    KeptAnswer answer;
    if (!decode(value, answer)) wrong_row(key, "cannot be read");
    const std::string_view owner = owner_of_kept(answer);
    if (key != keys::kept(answer.cause.key)) return odd(hash_.part_of(owner));
    places_ += hash_(keys::expiry(answer.at, answer.cause.key));
    const std::uint64_t number = hash_(key, value);
    const std::size_t part = hash_.part_of(owner);
    if (answer.expired(found_.mark.newest_at)) {
      found_.expired.emplace(hash_(key), RowScan::Expired{number, part});
    } else {
      found_.sums[part] += number;
    }
  }

  /// The postings of an owner come in the order of their first places.
  void posting(std::string_view key, std::string_view value, char owner_row) {
    const std::size_t size = key.size() < 11 ? 0 : key.size() - 11;  // letter, length, seq
    const std::string_view owner = key.substr(std::min<std::size_t>(3, key.size()), size);
    const std::size_t part = hash_.part_of(owner);
    if (owner_row != owner_row_ || owner != owner_) {
      end_of_postings();
      owner_row_ = owner_row;
      owner_ = owner;
      last_place_ = 0;
    }
    Places places;
    if (!places.read(value) || places.empty()) return odd(part);
    const std::vector<billing::Seq> numbers = places.numbers();
    const std::string prefix = keys::owner(key.front(), owner);
    if (key != keys::at(prefix, numbers.front()) || numbers.front() <= last_place_) odd(part);
    last_place_ = numbers.back();
    const std::uint64_t number = hash_(owner);
    for (const billing::Seq seq : numbers) {
      found_.sums[part] += hash_.place(key.front(), number, seq);
    }
  }

  /// What is in the owner's row is newer than all postings.
  void end_of_postings() {
    if (owner_row_ == 0) return;
    std::string value;
    const rocksdb::Status status = rows_.Get({}, keys::row(owner_row_, owner_), &value);
    if (status.IsNotFound()) return;  // its sum says so
    need(status, rows_.GetName());
    const bool newer = owner_row_ == format::session_row ? newer_than<billing::Session>(value)
                                                         : newer_than<billing::Doctor>(value);
    if (!newer) odd(hash_.part_of(owner_));
  }
  template <class Entity>
  bool newer_than(const std::string& value) const {
    Row<Entity> row;
    if (!decode(value, row)) return false;
    return row.newest.empty() || row.newest.numbers().front() > last_place_;
  }

  rocksdb::DB& rows_;
  const RowHash& hash_;
  RowScan& found_;
  std::uint64_t places_ = 0;  ///< of kept answers, less those in the order of expiry
  char owner_row_ = 0;        ///< of the postings that are being read
  std::string owner_;
  billing::Seq last_place_ = 0;
};

void each_row(rocksdb::DB& all, const std::string& from,
              const std::function<bool(std::string_view, std::string_view)>& visit) {
  rocksdb::ReadOptions options;
  options.readahead_size = 2 << 20;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(all.NewIterator(options));
  for (rows->Seek(from); rows->Valid(); rows->Next()) {
    if (!visit(rows->key().ToStringView(), rows->value().ToStringView())) break;
  }
  need(rows->status(), all.GetName());
}

/// From one key to before another, or the end.
std::uint64_t scan(rocksdb::DB& rows, const RowHash& hash, const std::string& from,
                   const std::string& end, RowScan& found) {
  Scan scan(rows, hash, found);
  each_row(rows, from, [&](std::string_view key, std::string_view value) {
    if (!end.empty() && key >= end) return false;
    scan.row(key, value);
    ++found.rows;
    return true;
  });
  return scan.finish();
}

}  // namespace

std::optional<Mark> mark_of(rocksdb::DB& rows) {
  std::string value;
  Mark mark;
  if (!rows.Get({}, keys::row(format::mark_row), &value).ok() || !decode(value, mark)) return {};
  return mark;
}

RowScan scan_rows(rocksdb::DB& rows, const RowHash& hash) {
  // Sessions are as much work as all before them.
  const std::string half = keys::row(format::session_row);
  RowScan found, others;
  auto scanning =
      std::async(std::launch::async, [&] { return scan(rows, hash, half, "", others); });
  std::uint64_t places = scan(rows, hash, "", half, found);
  places += scanning.get();
  for (std::size_t part = 0; part < RowHash::parts; ++part) found.sums[part] += others.sums[part];
  found.rows += others.rows;
  found.odd.merge(others.odd);
  found.every_kept_answer_has_its_place = places == 0;
  return found;
}

void expire(rocksdb::DB& rows, const RowHash& hash, billing::Instant now, RowScan& found) {
  each_row(rows, keys::row(format::expiry_index), [&](std::string_view key, auto) {
    const auto whose = key.front() == format::expiry_index ? keys::kept_in(key) : std::nullopt;
    std::string value;
    KeptAnswer answer;
    if (!whose) return false;
    const bool there = rows.Get({}, keys::kept(*whose), &value).ok() && decode(value, answer);
    // The place of an earlier use of the key says nothing any more.
    if (!there || key != keys::expiry(answer.at, *whose)) return true;
    if (!answer.expired(now)) return false;
    const std::uint64_t number = hash(keys::kept(*whose), value);
    const std::size_t part = hash.part_of(owner_of_kept(answer));
    if (!answer.expired(found.mark.newest_at)) found.sums[part] -= number;
    found.expired.emplace(hash(keys::kept(*whose)), RowScan::Expired{number, part});
    return true;
  });
}

std::vector<std::string> places_of_no_kept_answer(rocksdb::DB& rows) {
  std::set<std::string> places;  // that must be there
  each_row(rows, keys::row(format::kept_row), [&](std::string_view key, auto value) {
    KeptAnswer answer;
    if (key.front() != format::kept_row) return false;
    if (decode(value, answer)) places.insert(keys::expiry(answer.at, answer.cause.key));
    return true;
  });
  const std::size_t kept = places.size();
  std::vector<std::string> others;
  each_row(rows, keys::row(format::expiry_index), [&](std::string_view key, auto) {
    if (key.front() != format::expiry_index) return false;
    if (places.erase(std::string(key)) == 0) others.emplace_back(key);
    return true;
  });
  if (!places.empty()) {
    throw StorageError("the rows have " + std::to_string(kept - places.size()) +
                       " places of kept answers, the journal says " + std::to_string(kept));
  }
  return others;
}

}  // namespace toll::persistence

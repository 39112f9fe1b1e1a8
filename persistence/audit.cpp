#include "persistence/audit.hpp"

#include <exception>
#include <thread>

#include "persistence/compare_rows.hpp"
#include "persistence/group.hpp"
#include "persistence/keys.hpp"
#include "persistence/named.hpp"
#include "persistence/pipe.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

constexpr std::size_t batch_records = 4096;
constexpr std::size_t most_batches = 8;
constexpr std::size_t usual_group_records = 1024;

constexpr std::size_t entity_bytes = 1'300;  ///< with its books
constexpr std::size_t id_bytes = 16;

struct TooMuch {};

/// Groups on their way from the reader through the books to the fold.
struct Batch {
  std::vector<billing::Record> records;
  std::vector<std::pair<billing::Seq, Digest>> ends;  ///< of its groups
  billing::Books closed;                              ///< of what these records were the last of
};
using BatchPtr = std::unique_ptr<Batch>;
using Batches = Pipe<BatchPtr>;

/// Every record of the journal after this one, which is the last of a group, decoded, a batch at a
/// time.
void read_batches(const JournalGroups& journal, billing::Seq after, Batches& to) {
  const auto next_batch = [] {
    auto batch = std::make_unique<Batch>();
    batch->records.reserve(batch_records + usual_group_records);
    return batch;
  };
  BatchPtr batch = next_batch();
  journal.read(after, [&](billing::Seq first, std::string_view value) {
    if (first <= after) return true;
    const auto group = parse_group(value);
    const bool whole = group && each_record(*group, first, [&](billing::Record&& record) {
                         batch->records.push_back(std::move(record));
                         return true;
                       });
    if (!whole) {
      throw StorageError("a record of the group at " + std::to_string(first) + " cannot be read");
    }
    batch->ends.emplace_back(group->last(), group->digest);
    if (batch->records.size() < batch_records) return true;
    return to.put(std::exchange(batch, next_batch()));
  });
  to.put(std::move(batch));
}

/// Gives the books of what is over to the batch.
struct CloseBooks {
  billing::Books& books;
  billing::Books& closed;
  void session(const std::string& id) { books.close_session(id, closed); }
  void subscription(const std::string& id) { books.close_subscription(id, closed); }
  void withdrawal(const std::string& id) { books.close_withdrawal(id, closed); }
};

/// Opens books of what was there at the beginning.
struct OpenBooks {
  billing::Books& books;
  const VerifiedRows& rows;
  const std::function<bool(const std::string&)>& mine;
  void session(const std::string& id) {
    if (mine(id) && !books.has_session(id)) open(rows.session(id));
  }
  void subscription(const std::string& id) {
    if (mine(id) && !books.has_subscription(id)) open(rows.subscription(id));
  }
  void doctor(const std::string& id) {
    if (mine(id) && !books.has_doctor(id)) open(rows.doctor(id));
  }
  void withdrawal(const std::string& id) {
    if (mine(id) && !books.has_withdrawal(id)) open(rows.withdrawal(id));
  }
  template <class Entity>
  void open(const std::optional<Entity>& found) {
    if (found) books.open(*found);
  }
};

/// Notes the parts of all ids in a record.
struct Suspect {
  const RowHash& hash;
  Suspicion odd{{0}};  // 0: what is no entity's
  void session(const std::string& id) { odd.parts.insert(hash.part_of(id)); }
  void subscription(const std::string& id) { session(id); }
  void doctor(const std::string& id) { session(id); }
  void withdrawal(const std::string& id) { session(id); }
};

/// The three threads of a pass; the first error of any of them ends all.
class Threads {
 public:
  Batches decoded{most_batches}, booked{most_batches};

  ~Threads() { end(); }

  template <class Work>
  void start(Work work) {
    threads_.emplace_back([this, work] { attempt(work); });
  }
  template <class Work>
  void attempt(Work work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      decoded.close();
      booked.close();
    }
  }
  void end() {
    decoded.close();
    booked.close();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  void rethrow() {
    end();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace

void tell(const billing::BookTotals& totals, Verified& report) {
  report.sessions = totals.sessions;
  report.live_sessions = totals.live_sessions;
  report.subscriptions = totals.subscriptions;
  report.doctors = totals.doctors;
  report.units_taken = totals.units_taken;
  report.earned = totals.earned;
}

billing::BookTotals Audit::pass(Parts parts) const {
  const std::function<bool(const std::string&)> mine = [&](const std::string& id) {
    return parts.contain(hash.part_of(id));
  };
  billing::Books books(parts.end - parts.begin == RowHash::parts ? nullptr : mine);
  if (beginning) {
    for (const auto& [version, policy] : beginning->rows.policies()) books.open(version, policy);
  }
  StreamedFold folded(hash, index, rows, beginning, parts, made ? &made->runs : nullptr);
  const bool divisible = parts.end - parts.begin > 1;
  Threads threads;
  threads.start([&] {
    read_batches(journal, beginning ? beginning->scan.mark.applied : 0, threads.decoded);
    threads.decoded.close();
  });
  threads.start([&] {
    while (auto batch = threads.decoded.take()) {
      for (const billing::Record& record : (*batch)->records) {
        if (beginning) each_named(record, OpenBooks{books, beginning->rows, mine});
        if (books.add(record)) {
          Suspect suspect{hash};
          each_named(record, suspect);
          throw suspect.odd;
        }
        each_over(record, index, CloseBooks{books, (*batch)->closed});
      }
      if (!threads.booked.put(std::move(*batch))) return;
    }
    threads.booked.close();
  });
  threads.attempt([&] {
    while (auto taken = threads.booked.take()) {
      const Batch& batch = **taken;
      auto end = batch.ends.begin();
      for (const billing::Record& record : batch.records) {
        folded.add(record);
        folded.close(record, batch.closed);
        if (record.seq == end->first) folded.end_of_group(end->first, end->second), ++end;
      }
      if (!batch.records.empty()) progress("folded", batch.records.back().seq, head);
      const std::size_t bytes = folded.entities() * entity_bytes + folded.ids() * id_bytes;
      if (divisible && bytes > most_bytes) throw TooMuch();
    }
  });
  threads.rethrow();
  folded.finish(books);
  if (made) folded.add_sums(made->sums);
  return books.totals();
}

billing::BookTotals Audit::quickly() const {
  billing::BookTotals totals;
  std::size_t width = RowHash::parts;
  for (std::size_t begin = 0; begin < RowHash::parts;) {
    try {
      totals.add(pass({begin, begin + width}));
      if (made) made->runs.keep();
      begin += width;
    } catch (const TooMuch&) {
      if (made) made->runs.drop();
      width /= 2;
    }
  }
  if (const auto wrong = totals.violation()) throw StorageError(*wrong);
  return totals;
}

void Audit::thoroughly(const std::set<std::size_t>& parts, std::set<std::string>& places) const {
  const std::size_t bytes = index.sessions() / RowHash::parts * 3 * entity_bytes + 1;
  const std::size_t at_once = std::max<std::size_t>(1, most_bytes / bytes);
  std::set<std::size_t> some;
  for (const std::size_t part : parts) {
    some.insert(part);
    if (some.size() < at_once && part != *parts.rbegin()) continue;
    look_at(some, places);
    some.clear();
  }
}

void Audit::look_at(const std::set<std::size_t>& parts, std::set<std::string>& places) const {
  const auto need = [](const billing::Violation& violation) {
    if (violation) throw StorageError(*violation);
  };
  billing::Books books([&](const std::string& id) { return parts.contains(hash.part_of(id)); });
  Folded folded;
  folded.concerns = [&](std::string_view id) { return parts.contains(hash.part_of(id)); };
  const auto at_mark = [&] {
    if (rows && folded.mark.applied == rows->mark.applied) compare_rows(*database, folded);
  };
  at_mark();
  journal.read(0, [&](billing::Seq first, std::string_view value) {
    const auto group = parse_group(value);
    folded.mark.digest = group->digest;
    const bool whole = each_record(*group, first, [&](billing::Record&& record) {
      if (const auto wrong = books.add(record)) {
        throw StorageError("record " + std::to_string(record.seq) + ": " + *wrong);
      }
      folded.add(record);
      if (record.cause) places.erase(keys::expiry(record.at, record.cause->key));
      at_mark();
      return true;
    });
    if (!whole) {
      throw StorageError("a record of the group at " + std::to_string(first) + " cannot be read");
    }
    return true;
  });
  for (const auto& [id, session] : folded.sessions) need(books.compare(session));
  for (const auto& [id, subscription] : folded.subscriptions) need(books.compare(subscription));
  for (const auto& [id, doctor] : folded.doctors) need(books.compare(doctor));
  for (const auto& [id, withdrawal] : folded.withdrawals) need(books.compare(withdrawal));
}

}  // namespace toll::persistence

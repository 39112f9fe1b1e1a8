#include "persistence/local_storage.hpp"

#include <pthread.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <future>

#include "persistence/ballast.hpp"
#include "persistence/beside.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/format.hpp"
#include "persistence/recovery.hpp"
#include "persistence/wal_scan.hpp"

namespace toll::persistence {

namespace {

/// How long rows may wait for more changes of the same entities.
constexpr std::chrono::seconds window{3};

/// The materialiser is woken for so many records at once: each time costs two changes of threads.
constexpr billing::Seq worth_waking = 512;

}  // namespace

std::unique_ptr<Storage> Storage::open(StorageOptions options) {
  return std::make_unique<LocalStorage>(std::move(options));
}

LocalStorage::LocalStorage(StorageOptions options)
    : options_(std::move(options)),
      env_(options_.env ? options_.env : rocksdb::Env::Default()),
      failure_(options_.on_broken_disk, !options_.threads) {
  prepare_directory();
  recovered_.torn_bytes = scan_logs(options_.directory, *env_);
  // Without threads there is none to check the rest later.
  database_ = Database::open(options_.directory, options_.env, OpenMode::read_write, failure_,
                             options_.threads ? Check::recent : Check::all);
  recovered_.tables_checked = database_->checked().tables;
  recovered_.bytes_checked = database_->checked().bytes;
  for (const TableFile& table : database_->checked().left) recovered_.bytes_to_check += table.bytes;
  take_clock();
  store_ = std::make_unique<RocksJournalStore>(*database_);
  recover();
  if (options_.ballast_bytes > 0) make_ballast(options_.directory, options_.ballast_bytes);
  room_ = std::make_unique<Room>(options_.directory, env_,
                                 [this] { return database_->rows_to_write(); });
  if (options_.threads) start_threads();
}

void LocalStorage::prepare_directory() {
  if (options_.env) {
    // Not the real file system: RocksDB's own lock has to do.
    const rocksdb::Status status = env_->CreateDirIfMissing(options_.directory);
    if (!status.ok()) throw StorageError(status.ToString());
    return;
  }
  std::error_code error;
  if (options_.existing && !std::filesystem::exists(options_.directory + "/CURRENT", error)) {
    throw StorageError("data directory " + options_.directory +
                       " has no journal: tollctl init --data " + options_.directory +
                       " makes an empty one, tollctl restore one from a backup");
  }
  make_directory(options_.directory);
  lock_ = std::make_unique<DirectoryLock>(options_.directory, true);
  if (options_.ballast_bytes > 0) {
    recovered_.ballast_given_up = give_up_ballast(options_.directory, options_.ballast_bytes);
  }
}

Beside LocalStorage::beside() const {
  return read_beside(
      [this](const char* key, std::string& value) { return database_->get(key, value); });
}

/// A clock that stands still, at any time that was chosen, and one that goes on by itself make no
/// common history: what one of them made is due at once, or never, for the other.
void LocalStorage::take_clock() {
  if (!options_.clock) return;
  const auto made_by = beside().clock;
  if (made_by == options_.clock) return;
  if (made_by && !options_.adopt_clock) {
    const bool test = made_by == ClockKind::test;
    throw StorageError("data directory " + options_.directory + " was made with " +
                       (test ? "a test clock (--test-clock)" : "the wall clock") +
                       ", and would go on with " + (test ? "the wall clock" : "a test clock") +
                       ". If that is meant: --adopt-clock");
  }
  database_->put_synced(format::clock_key, in_words(*options_.clock));
}

void LocalStorage::recover() {
  materialiser_ = std::make_unique<Materialiser>(*database_, *store_);
  const billing::Seq applied = materialiser_->mark().applied;
  const JournalTail tail = check_journal(*store_, materialiser_->mark());
  journal_ = std::make_unique<GroupJournal>(*store_, failure_, materialiser_->applied(), tail.head,
                                            tail.digest, options_.on_group);
  fold_to(tail.head);
  recovered_.sign_of_life = beside().sign_of_life;
  witness_ = std::make_unique<Witness>(
      options_.directory, *env_, failure_,
      Testimony{new_journal_id(), tail, recovered_.sign_of_life.value_or(0)});
  finish_giving_up();
  witness_->record(journal_->durable_tail(), recovered_.sign_of_life.value_or(0));
  recovered_.journal = witness_->said().journal;
  recovered_.head = journal_->durable();
  recovered_.records_replayed = recovered_.head - applied;
  recovered_.clock_offset = materialiser_->mark().clock_offset;
  recovered_.outages = materialiser_->mark().outages;
  recovered_.last_recorded =
      std::max(materialiser_->mark().newest_at, recovered_.sign_of_life.value_or(0));
  materialiser_->count_from_here();
  recovered_.policies = std::make_shared<billing::PolicyBook>();
  rows_ = std::make_unique<RowsView>(*database_, *store_, *journal_, View::live);
  rows_->each_policy(
      [this](billing::Policy&& policy) { recovered_.policies->add(std::move(policy)); });
  reads_ = std::make_unique<ReadQueue>(recovered_.head);
}

void LocalStorage::fold_to(billing::Seq head) {
  while (materialiser_->mark().applied < head) {
    materialiser_->fold_until(head);
    materialiser_->close_window();
    options_.on_folded(materialiser_->mark().applied, head);
  }
}

/// The first record of another history says that it is one, and the server lived as long as the
/// witness says: the sign of life may be lost with the records. What is cut short here is done by
/// the next start.
void LocalStorage::finish_giving_up() {
  const Testimony said = witness_->said();
  if (!said.given_up) return;
  if (said.at > recovered_.sign_of_life.value_or(0)) {
    database_->put_synced(format::sign_of_life_key, encode(SignOfLife{said.at}));
    recovered_.sign_of_life = said.at;
  }
  if (journal_->durable() > said.known.head) return;
  journal_->append(std::max(materialiser_->mark().newest_at, said.at),
                   billing::HistoryGivenUp{said.known.head, *said.given_up});
  journal_->write_group();
  fold_to(journal_->durable());
}

void LocalStorage::start_threads() {
  journal_thread_ = std::thread([this] { run_journal(); });
  materialiser_thread_ = std::thread([this] { run_materialiser(); });
  loads_thread_ = std::thread([this] { run_reads(ReadQueue::Kind::load, "toll.loads"); });
  lists_thread_ = std::thread([this] { run_reads(ReadQueue::Kind::list, "toll.lists"); });
  history_.emplace(options_, database_->checked().left, *env_);
}

/// What was appended becomes durable, then rows catch up, then the reads that are possible run, and
/// the next start has nothing to replay unless there is no room for tables, or the disk is broken.
/// Without threads nothing moves but by pump(), so what was not pumped is lost, as in a crash.
LocalStorage::~LocalStorage() {
  if (options_.threads) stop_threads();
  if (!failure_.failed() && room_->for_tables()) database_->flush();
}

void LocalStorage::stop_threads() {
  history_.reset();
  journal_->stop();
  journal_thread_.join();
  materialiser_thread_.join();
  reads_->stop();
  loads_thread_.join();
  lists_thread_.join();
}

void LocalStorage::run_journal() {
  pthread_setname_np(pthread_self(), "toll.journal");
  while (journal_->wait()) {
    journal_->write_group();
    if (journal_->durable() >= wake_at_) wake_materialiser();
  }
  {
    const std::lock_guard lock(mutex_);
    journal_done_ = true;
  }
  wake_materialiser_.notify_one();
}

void LocalStorage::run_materialiser() {
  pthread_setname_np(pthread_self(), "toll.rows");
  while (wait_for_records()) {
    fold();
    const bool old = std::chrono::steady_clock::now() - window_opened_ >= window;
    if (old || materialiser_->window_full() ||
        reads_->first_wanted() <= materialiser_->mark().applied) {
      close_window();
    }
  }
  close_window();
}

/// What is folded was checked at the start or written since: a damaged group is a broken disk.
void LocalStorage::fold() {
  try {
    materialiser_->fold_until(journal_->durable());
  } catch (const DamagedHistory& error) {
    failure_.raise(error.what());
  }
}

bool LocalStorage::wait_for_records() {
  std::unique_lock lock(mutex_);
  const billing::Seq folded = materialiser_->mark().applied;
  const auto wanted = [&](billing::Seq at) {
    return [this, at] {
      wake_at_ = std::min(at, reads_->first_wanted());
      return journal_->durable() >= wake_at_ || journal_done_;
    };
  };
  if (!materialiser_->window_open()) {
    wake_materialiser_.wait(lock, wanted(folded + 1));
    window_opened_ = std::chrono::steady_clock::now();
  }
  wake_materialiser_.wait_until(lock, window_opened_ + window, wanted(folded + worth_waking));
  return !journal_done_ || journal_->durable() > folded;
}

void LocalStorage::close_window() {
  materialiser_->close_window();
  reads_->publish(materialiser_->mark().applied);
}

void LocalStorage::run_reads(ReadQueue::Kind kind, const char* thread_name) {
  pthread_setname_np(pthread_self(), thread_name);
  while (const auto read = reads_->wait(kind)) run(*read);
}

void LocalStorage::run(const Read& read) {
  const RowsView rows(*database_, *store_, *journal_, View::frozen);
  read(rows);
}

void LocalStorage::read(billing::Seq at_least, std::function<void(const Rows&)> read) {
  if (reads_->add(at_least, std::move(read)) && options_.threads) wake_materialiser();
}

void LocalStorage::read_list(billing::Seq at_least, const std::string& whose,
                             std::function<void(const Rows&)> read) {
  if (reads_->add_list(at_least, whose, std::move(read)) && options_.threads) wake_materialiser();
}

void LocalStorage::wake_materialiser() {
  // Through the mutex: the materialiser is either before its check or asleep, not in between.
  { const std::lock_guard lock(mutex_); }
  wake_materialiser_.notify_one();
}

void LocalStorage::record_sign_of_life(billing::Instant now) {
  if (lock_ && !lock_->still_there()) directory_gone();
  const JournalTail tail = journal_->durable_tail();
  record_time(now);
  witness_->record(tail, now);
}

void LocalStorage::record_time(billing::Instant now) {
  // A failed write ends the process, and this one is not worth that.
  if (room_->any()) database_->put_synced(format::sign_of_life_key, encode(SignOfLife{now}));
}

void LocalStorage::directory_gone() {
  const std::string what = "data directory " + options_.directory +
                           " was moved, removed or replaced while the server used it";
  if (options_.on_directory_gone) options_.on_directory_gone(what);
  failure_.raise(what);
}

bool LocalStorage::has_kept_room() {
  const std::lock_guard lock(ballast_mutex_);
  while (!room_->some() && options_.ballast_bytes > 0) {
    if (!give_up_ballast_step(options_.directory)) break;
  }
  return room_->any();
}

void LocalStorage::keep_room() {
  if (options_.ballast_bytes == 0 || !has_room()) return;
  const std::lock_guard lock(ballast_mutex_);
  make_ballast_step(options_.directory, options_.ballast_bytes);
}

void LocalStorage::flush() {
  if (!options_.threads) {
    while (pump()) {
    }
    return;
  }
  std::promise<void> done;
  read(journal_->last(), [&done](const Rows&) { done.set_value(); });
  done.get_future().wait();
}

bool LocalStorage::pump() {
  failure_.raise_noted();
  bool moved = journal_->write_group();
  if (materialiser_->mark().applied < journal_->durable()) {
    fold();
    close_window();
    moved = true;
  }
  while (const auto read = reads_->take()) {
    run(*read);
    moved = true;
  }
  return moved;
}

}  // namespace toll::persistence

#include "persistence/verified_rows.hpp"

#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "persistence/crc32c.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/keys.hpp"
#include "persistence/storage.hpp"
#include "persistence/wal_scan.hpp"

namespace toll::persistence {

namespace fs = std::filesystem;

namespace {

constexpr int most_verified_open = 512;
constexpr const char* sums_name = "SUMS";
constexpr const char* sums_title = "toll-verified 1";

std::string kept_in(const std::string& directory) {
  return directory + '/' + format::verified_rows_directory;
}

/// A file that is small, or may still grow.
void copy_durably(const fs::path& file, const std::string& to) {
  write_durably(*rocksdb::Env::Default(), to, file.filename(), [&](const auto& append) {
    std::ifstream in(file, std::ios::binary);
    append(std::string(std::istreambuf_iterator<char>(in), {}));
    if (!in) throw StorageError(file.string() + " cannot be read");
  });
}

std::string to_file(std::uint64_t key, const RowSums& sums) {
  std::string text = std::string(sums_title) + ' ' + std::to_string(key);
  for (const std::uint64_t sum : sums) text += ' ' + std::to_string(sum);
  return text + ' ' + std::to_string(crc32c(text)) + '\n';
}

/// What to_file() made, and nothing else.
std::optional<std::pair<std::uint64_t, RowSums>> from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  std::istringstream words(text);
  std::string title, version;
  std::pair<std::uint64_t, RowSums> read;
  words >> title >> version >> read.first;
  for (std::uint64_t& sum : read.second) words >> sum;
  if (!words || to_file(read.first, read.second) != text) return std::nullopt;
  return read;
}

}  // namespace

std::unique_ptr<VerifiedRows> VerifiedRows::open(const std::string& directory) {
  rocksdb::Env& env = *rocksdb::Env::Default();
  const std::string path = kept_in(directory);
  const auto sums = from_file(path + '/' + sums_name);
  if (!sums) return nullptr;
  scan_logs(path, env);
  for (const TableFile& table : tables_in(path, env)) verify_table_end(table, env);
  return std::unique_ptr<VerifiedRows>(new VerifiedRows(path, sums->first, sums->second));
}

VerifiedRows::VerifiedRows(const std::string& path, std::uint64_t key, const RowSums& sums)
    : rows_(path, *rocksdb::Env::Default(), {{rocksdb::kDefaultColumnFamilyName, rows_options()}},
            most_verified_open),
      hash_(key) {
  need(rows_.status, path);
  found_.mark = mark_of(*rows_.db).value_or(Mark());
  found_.sums = sums;
}

void VerifiedRows::keep(const std::string& directory, const RowHash& hash, const RowScan& found) {
  const std::string rows = directory + '/' + format::rows_directory;
  const std::string kept = kept_in(directory), made = kept + ".new";
  remove(directory);
  make_directory(made);
  Owner::of(directory).give(made);
  for (const TableFile& table : tables_in(rows, *rocksdb::Env::Default())) {
    fs::create_hard_link(table.path, made / fs::path(table.path).filename());
  }
  for (const auto& entry : fs::directory_iterator(rows)) {
    const std::string name = entry.path().filename();
    if (name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".log")) {
      copy_durably(entry.path(), made);
    }
  }
  write_durably(*rocksdb::Env::Default(), made, sums_name,
                [&](const auto& append) { append(to_file(hash.key(), found.sums)); });
  fs::rename(made, kept);
  sync_directory(*rocksdb::Env::Default(), directory);
}

void VerifiedRows::remove(const std::string& directory) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with(format::verified_rows_directories)) {
      found.push_back(entry.path());
    }
  }
  for (const fs::path& kept : found) fs::remove_all(kept);
}

RowScan VerifiedRows::scan(billing::Instant now) const {
  RowScan found = found_;
  try {
    expire(*rows_.db, hash_, now, found);
  } catch (const StorageError&) {
    throw Suspicion{};
  }
  return found;
}

template <class Entity>
std::optional<Entity> VerifiedRows::find(char letter, const std::string& id) const {
  std::string value;
  const rocksdb::Status status = rows_.db->Get({}, keys::row(letter, id), &value);
  if (status.IsNotFound()) return std::nullopt;
  Row<Entity> row;
  if (!status.ok() || !decode(value, row)) throw Suspicion{};
  return std::move(row.entity);
}

std::optional<billing::Session> VerifiedRows::session(const std::string& id) const {
  return find<billing::Session>(format::session_row, id);
}

std::optional<billing::Subscription> VerifiedRows::subscription(const std::string& id) const {
  return find<billing::Subscription>(format::subscription_row, id);
}

std::optional<billing::Doctor> VerifiedRows::doctor(const std::string& id) const {
  return find<billing::Doctor>(format::doctor_row, id);
}

std::optional<billing::Withdrawal> VerifiedRows::withdrawal(const std::string& id) const {
  return find<billing::Withdrawal>(format::withdrawal_row, id);
}

std::vector<std::pair<std::uint32_t, billing::Policy>> VerifiedRows::policies() const {
  std::vector<std::pair<std::uint32_t, billing::Policy>> policies;
  std::string value;
  for (std::uint32_t version = 1;; ++version) {
    const rocksdb::Status status = rows_.db->Get({}, keys::policy(version), &value);
    if (status.IsNotFound()) return policies;
    policies.emplace_back(version, billing::Policy());
    if (!status.ok() || !decode(value, policies.back().second)) throw Suspicion{};
  }
}

}  // namespace toll::persistence

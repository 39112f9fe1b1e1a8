#include "persistence/verified_rows.hpp"

#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "persistence/compare_rows.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/keys.hpp"
#include "persistence/storage.hpp"
#include "persistence/wal_scan.hpp"

namespace toll::persistence {

namespace fs = std::filesystem;

namespace {

constexpr int most_verified_open = 512;

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

}  // namespace

std::unique_ptr<VerifiedRows> VerifiedRows::open(const std::string& directory) {
  const std::string path = kept_in(directory);
  if (!fs::exists(path)) return nullptr;
  scan_logs(path, *rocksdb::Env::Default());
  verify_tables(path, *rocksdb::Env::Default());
  return std::unique_ptr<VerifiedRows>(new VerifiedRows(path));
}

VerifiedRows::VerifiedRows(const std::string& path)
    : path_(path),
      rows_(path, *rocksdb::Env::Default(), {{rocksdb::kDefaultColumnFamilyName, rows_options()}},
            most_verified_open) {
  need(rows_.status, path_);
  mark_ = mark_of(*rows_.db).value_or(Mark());
}

void VerifiedRows::keep(const std::string& directory) {
  const std::string rows = directory + '/' + format::rows_directory;
  const std::string kept = kept_in(directory), made = kept + ".new";
  remove(directory);
  fs::create_directory(made);
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

RowScan VerifiedRows::scan(const RowHash& hash, billing::Instant now) const {
  return scan_rows(*rows_.db, hash, now);
}

template <class Entity>
std::optional<Entity> VerifiedRows::find(char letter, const std::string& id) const {
  std::string value;
  const rocksdb::Status status = rows_.db->Get({}, keys::row(letter, id), &value);
  if (status.IsNotFound()) return std::nullopt;
  need(status, path_);
  Row<Entity> row;
  if (!decode(value, row)) wrong_row(keys::row(letter, id), "cannot be read");
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
    need(status, path_);
    policies.emplace_back(version, billing::Policy());
    if (!decode(value, policies.back().second)) {
      wrong_row(keys::policy(version), "cannot be read");
    }
  }
}

}  // namespace toll::persistence

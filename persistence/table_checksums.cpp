#include "persistence/table_checksums.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>

#include "persistence/crc32c.hpp"
#include "persistence/storage.hpp"

namespace rocksdb {
// Exported by the library and public from 8.10 on, as GetFileChecksumsFromCurrentManifest; 7.8 has
// it in no public header. The manifest is the only place that knows the checksums, and to ask the
// opened database for them would be too late.
Status GetFileChecksumsFromManifest(Env* env, const std::string& manifest, uint64_t manifest_bytes,
                                    FileChecksumList* list);
}  // namespace rocksdb

namespace toll::persistence {

namespace {

constexpr std::size_t chunk_bytes = 4096;
constexpr std::size_t end_chunks = 4;
constexpr const char* checksum_name = "toll.crc32c.4096";  // in the manifest: do not change

/// Collects the checksums of full chunks, whatever the size of the pieces that come.
class Generator final : public rocksdb::FileChecksumGenerator {
 public:
  void Update(const char* data, std::size_t size) override {
    for (std::string_view rest(data, size); !rest.empty();) {
      const std::string_view piece = rest.substr(0, chunk_bytes - chunk_.size());
      chunk_.append(piece);
      rest.remove_prefix(piece.size());
      if (chunk_.size() == chunk_bytes) close_chunk();
    }
  }
  void Finalize() override {
    if (!chunk_.empty() || checksums_.empty()) close_chunk();
  }
  std::string GetChecksum() const override { return checksums_; }
  const char* Name() const override { return checksum_name; }

 private:
  void close_chunk() {
    const std::uint32_t crc = crc32c(chunk_);
    for (int shift = 0; shift < 32; shift += 8) {
      checksums_.push_back(static_cast<char>(crc >> shift));
    }
    chunk_.clear();
  }

  std::string chunk_;
  std::string checksums_;
};

class Factory final : public rocksdb::FileChecksumGenFactory {
 public:
  std::unique_ptr<rocksdb::FileChecksumGenerator> CreateFileChecksumGenerator(
      const rocksdb::FileChecksumGenContext&) override {
    return std::make_unique<Generator>();
  }
  const char* Name() const override { return checksum_name; }
};

std::unique_ptr<rocksdb::SequentialFile> open_table(const std::string& path, rocksdb::Env& env) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  const rocksdb::Status status = env.NewSequentialFile(path, &file, rocksdb::EnvOptions());
  if (!status.ok()) throw StorageError(path + " cannot be read: " + status.ToString());
  return file;
}

/// Of the bytes from where the file stands to its end; nothing if `pace` had enough.
std::optional<std::string> checksums_of(rocksdb::SequentialFile& file, const std::string& path,
                                        const std::function<bool(std::size_t)>& pace) {
  Generator generator;
  std::string buffer(1u << 20, '\0');
  rocksdb::Slice piece;
  do {
    const rocksdb::Status status = file.Read(buffer.size(), &piece, buffer.data());
    if (!status.ok()) throw StorageError(path + " cannot be read: " + status.ToString());
    generator.Update(piece.data(), piece.size());
    if (!pace(piece.size())) return std::nullopt;
  } while (!piece.empty());
  generator.Finalize();
  return generator.GetChecksum();
}

/// `found` are the checksums of the chunks from `first` on.
void compare_chunks(const std::string& path, std::string_view found, std::string_view expected,
                    std::size_t first) {
  if (found == expected) return;
  const auto [at, unused] =
      std::mismatch(found.begin(), found.end(), expected.begin(), expected.end());
  const auto chunk = first + static_cast<std::size_t>(at - found.begin()) / 4;
  throw StorageError(path + " is damaged: wrong checksum of the " + std::to_string(chunk_bytes) +
                     " bytes at offset " + std::to_string(chunk * chunk_bytes));
}

void need_checksum(const TableFile& table) {
  if (table.checksum == checksum_name) return;
  throw StorageError(table.path + " has no checksum in the manifest");
}

bool whole(std::size_t) { return true; }

std::string table_path(const std::string& directory, std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return directory + '/' + digits + ".sst";
}

}  // namespace

std::shared_ptr<rocksdb::FileChecksumGenFactory> table_checksums() {
  static const auto factory = std::make_shared<Factory>();
  return factory;
}

void verify_table(const std::string& path, const std::string& checksum, const std::string& expected,
                  rocksdb::Env& env) {
  const TableFile table{path, checksum, expected, 0};
  need_checksum(table);
  compare_chunks(path, *checksums_of(*open_table(path, env), path, whole), expected, 0);
}

bool verify_table(const TableFile& table, rocksdb::Env& env,
                  const std::function<bool(std::size_t)>& pace) {
  need_checksum(table);
  if (env.FileExists(table.path).IsNotFound()) return false;
  const auto file = open_table(table.path, env);
  const auto found = checksums_of(*file, table.path, pace);
  // What the server works with is to stay in memory, not what was looked at once.
  file->InvalidateCache(0, 0).PermitUncheckedError();
  if (found) compare_chunks(table.path, *found, table.expected, 0);
  return found.has_value();
}

void verify_table_end(const TableFile& table, rocksdb::Env& env) {
  need_checksum(table);
  const std::size_t chunks = table.expected.size() / 4;
  const std::size_t found = std::max<std::size_t>(1, (table.bytes + chunk_bytes - 1) / chunk_bytes);
  if (found != chunks) {
    throw StorageError(table.path + " is damaged: it has " + std::to_string(table.bytes) +
                       " bytes, of " + std::to_string(chunks) + " pieces of " +
                       std::to_string(chunk_bytes));
  }
  const std::size_t first = chunks - std::min(chunks, end_chunks);
  const auto file = open_table(table.path, env);
  const rocksdb::Status status = file->Skip(first * chunk_bytes);
  if (!status.ok()) throw StorageError(table.path + " cannot be read: " + status.ToString());
  compare_chunks(table.path, *checksums_of(*file, table.path, whole),
                 std::string_view(table.expected).substr(4 * first), first);
}

std::vector<TableFile> tables_in(const std::string& directory, rocksdb::Env& env) {
  std::string manifest;
  const std::string current = directory + "/CURRENT";
  rocksdb::Status status = rocksdb::ReadFileToString(&env, current, &manifest);
  if (status.IsNotFound() || status.IsPathNotFound()) return {};
  if (!status.ok()) throw StorageError(current + " cannot be read: " + status.ToString());
  manifest.erase(std::find(manifest.begin(), manifest.end(), '\n'), manifest.end());
  manifest.insert(0, directory + '/');
  std::uint64_t manifest_bytes = 0;
  const std::unique_ptr<rocksdb::FileChecksumList> list(rocksdb::NewFileChecksumList());
  status = env.GetFileSize(manifest, &manifest_bytes);
  if (status.ok()) {
    status = rocksdb::GetFileChecksumsFromManifest(&env, manifest, manifest_bytes, list.get());
  }
  std::vector<std::uint64_t> numbers;
  std::vector<std::string> expected;
  std::vector<std::string> names;
  if (status.ok()) status = list->GetAllFileChecksums(&numbers, &expected, &names);
  if (!status.ok()) throw StorageError(manifest + ": " + status.ToString());

  std::vector<TableFile> tables;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    TableFile table{table_path(directory, numbers[i]), names[i], std::move(expected[i]), 0};
    // The manifest goes on naming the tables of a family that was dropped, as rows of early
    // versions were; RocksDB itself refuses to open without one that it needs.
    if (env.FileExists(table.path).IsNotFound()) continue;
    status = env.GetFileSize(table.path, &table.bytes);
    if (!status.ok()) throw StorageError(table.path + " cannot be read: " + status.ToString());
    tables.push_back(std::move(table));
  }
  return tables;
}

void verify_each(const std::vector<TableFile>& tables, rocksdb::Env& env) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < tables.size(); i = next++) {
      verify_table(tables[i], env, whole);
    }
  };
  if (tables.size() < 2) return work();
  auto other = std::async(std::launch::async, work);
  work();
  other.get();
}

void verify_tables(const std::string& directory, rocksdb::Env& env) {
  for (const TableFile& table : tables_in(directory, env)) verify_table(table, env, whole);
}

}  // namespace toll::persistence

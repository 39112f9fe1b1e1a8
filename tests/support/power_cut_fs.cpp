#include "tests/support/power_cut_fs.hpp"

#include <rocksdb/system_clock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace toll::test {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

std::string content_of(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class CutFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CutFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, std::string name,
          PowerCutFileSystem& system)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    if (auto dead = system_.alive(); !dead.ok()) return dead;
    system_.wrote(name_, data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (auto dead = system_.count_sync(); !dead.ok()) return dead;
    system_.synced_file(name_);
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  /// Promises nothing about durability, and so changes nothing here.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return system_.alive();
  }
  /// Room reserved ahead: a file system in memory would clear megabytes at each start.
  void PrepareWrite(size_t, size_t, const IOOptions&, IODebugContext*) override {}

 private:
  const std::string name_;
  PowerCutFileSystem& system_;
};

class CutFileInPlace final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  CutFileInPlace(std::unique_ptr<rocksdb::FSRandomRWFile>&& file, std::string name,
                 PowerCutFileSystem& system)
      : FSRandomRWFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Write(uint64_t offset, const rocksdb::Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    if (auto dead = system_.alive(); !dead.ok()) return dead;
    system_.overwrites(name_, offset, data.ToString());
    return FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (auto dead = system_.count_sync(); !dead.ok()) return dead;
    system_.synced_file(name_);
    return FSRandomRWFileOwnerWrapper::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  const std::string name_;
  PowerCutFileSystem& system_;
};

class CutDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  CutDirectory(std::unique_ptr<rocksdb::FSDirectory>&& directory, std::string name,
               PowerCutFileSystem& system)
      : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), system_(system) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (auto dead = system_.count_sync(); !dead.ok()) return dead;
    system_.synced_directory(name_);
    return FSDirectoryWrapper::Fsync(options, debug);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  const std::string name_;
  PowerCutFileSystem& system_;
};

class Sleepless final : public rocksdb::SystemClockWrapper {
 public:
  Sleepless() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "Sleepless"; }
  void SleepForMicroseconds(int) override {}
};

class SleeplessEnv final : public rocksdb::EnvWrapper {
 public:
  explicit SleeplessEnv(std::unique_ptr<rocksdb::Env> env) : EnvWrapper(std::move(env)) {
    file_system_ = target()->GetFileSystem();
    system_clock_ = std::make_shared<Sleepless>();
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> environment(std::shared_ptr<PowerCutFileSystem> files) {
  return std::make_unique<SleeplessEnv>(rocksdb::NewCompositeEnv(files));
}

PowerCutFileSystem::PowerCutFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

void PowerCutFileSystem::cut_at_sync(std::size_t n) {
  const std::lock_guard lock(mutex_);
  cut_at_ = syncs_ + n;
}

void PowerCutFileSystem::cut_now() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
}

bool PowerCutFileSystem::cut() const {
  const std::lock_guard lock(mutex_);
  return cut_;
}

std::size_t PowerCutFileSystem::syncs() const {
  const std::lock_guard lock(mutex_);
  return syncs_;
}

IOStatus PowerCutFileSystem::alive() const {
  return cut() ? IOStatus::IOError("the power is out") : IOStatus::OK();
}

IOStatus PowerCutFileSystem::count_sync() {
  before_sync();
  const std::lock_guard lock(mutex_);
  ++syncs_;
  if (cut_at_ != 0 && syncs_ >= cut_at_) cut_ = true;
  return cut_ ? IOStatus::IOError("the power went out") : IOStatus::OK();
}

void PowerCutFileSystem::wrote(const std::string& name, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  files_[name].size += bytes;
}

void PowerCutFileSystem::overwrites(const std::string& name, std::size_t offset,
                                    const std::string& bytes) {
  std::string before = content_of(name);
  const std::lock_guard lock(mutex_);
  Overwritten& file =
      overwritten_.try_emplace(name, Overwritten{std::move(before), 0, {}}).first->second;
  file.offset = offset;
  file.bytes = bytes;
}

void PowerCutFileSystem::synced_file(const std::string& name) {
  const std::lock_guard lock(mutex_);
  overwritten_.erase(name);
  // One that was there before, and was only written in place, keeps its size.
  if (const auto file = files_.find(name); file != files_.end()) {
    file->second.synced = file->second.size;
  }
}

void PowerCutFileSystem::synced_directory(const std::string& name) {
  const auto in_it = [&](const std::string& file) {
    return std::filesystem::path(file).parent_path() ==
           std::filesystem::path(name + "/").parent_path();
  };
  const std::lock_guard lock(mutex_);
  std::erase_if(new_names_, in_it);
  std::erase_if(replaced_, [&](const auto& entry) { return in_it(entry.first); });
}

IOStatus PowerCutFileSystem::NewWritableFile(const std::string& name,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                                             IODebugContext* debug) {
  if (auto dead = alive(); !dead.ok()) return dead;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  const bool existed = std::filesystem::exists(name);
  IOStatus status = target()->NewWritableFile(name, options, &made, debug);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    files_[name] = {};
    if (!existed) new_names_.insert(name);
  }
  *file = std::make_unique<CutFile>(std::move(made), name, *this);
  return status;
}

IOStatus PowerCutFileSystem::ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                                std::unique_ptr<rocksdb::FSWritableFile>*,
                                                IODebugContext*) {
  return IOStatus::NotSupported("not used by RocksDB as it is tuned here");
}

IOStatus PowerCutFileSystem::ReuseWritableFile(const std::string&, const std::string&,
                                               const rocksdb::FileOptions&,
                                               std::unique_ptr<rocksdb::FSWritableFile>*,
                                               IODebugContext*) {
  return IOStatus::NotSupported("not used by RocksDB as it is tuned here");
}

IOStatus PowerCutFileSystem::NewRandomRWFile(const std::string& name,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                             IODebugContext* debug) {
  if (auto dead = alive(); !dead.ok()) return dead;
  std::unique_ptr<rocksdb::FSRandomRWFile> opened;
  const IOStatus status = target()->NewRandomRWFile(name, options, &opened, debug);
  if (status.ok()) *file = std::make_unique<CutFileInPlace>(std::move(opened), name, *this);
  return status;
}

IOStatus PowerCutFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                          std::unique_ptr<rocksdb::FSDirectory>* directory,
                                          IODebugContext* debug) {
  if (auto dead = alive(); !dead.ok()) return dead;
  std::unique_ptr<rocksdb::FSDirectory> opened;
  const IOStatus status = target()->NewDirectory(name, options, &opened, debug);
  if (status.ok()) *directory = std::make_unique<CutDirectory>(std::move(opened), name, *this);
  return status;
}

IOStatus PowerCutFileSystem::RenameFile(const std::string& from, const std::string& to,
                                        const IOOptions& options, IODebugContext* debug) {
  if (auto dead = alive(); !dead.ok()) return dead;
  Replaced before{std::filesystem::exists(to), content_of(to)};
  const IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  replaced_.emplace(to, std::move(before));
  files_[to] = files_[from];
  files_.erase(from);
  new_names_.erase(from);
  return status;
}

/// A deletion is durable at once: then a file is never there by mistake, which is the harder case.
IOStatus PowerCutFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                        IODebugContext* debug) {
  if (auto dead = alive(); !dead.ok()) return dead;
  {
    const std::lock_guard lock(mutex_);
    files_.erase(name);
    new_names_.erase(name);
  }
  return target()->DeleteFile(name, options, debug);
}

void PowerCutFileSystem::leave(Leftover leftover) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, file] : files_) {
    if (!std::filesystem::exists(name)) continue;
    const std::size_t more = leftover == Leftover::half ? (file.size - file.synced) / 2 : 0;
    std::filesystem::resize_file(name, file.synced + more);
  }
  for (const auto& [name, file] : overwritten_) {
    std::string content = file.content;
    if (leftover == Leftover::half) {
      content.replace(file.offset, file.bytes.size() / 2, file.bytes, 0, file.bytes.size() / 2);
    }
    std::ofstream(name, std::ios::binary) << content;
  }
  for (const auto& [name, before] : replaced_) {
    std::filesystem::remove(name);
    if (before.existed) std::ofstream(name, std::ios::binary) << before.content;
  }
  for (const std::string& name : new_names_) std::filesystem::remove(name);
}

}  // namespace toll::test

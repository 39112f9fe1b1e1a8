#include "persistence/durable_file.hpp"

#include <rocksdb/env.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "persistence/storage.hpp"

namespace toll::persistence {

void write_durably(rocksdb::Env& env, const std::string& directory, const std::string& name,
                   const std::function<void(const std::function<void(std::string_view)>&)>& parts) {
  const std::string path = directory + '/' + name;
  const std::string made = path + ".new";
  const auto need_written = [&path](const rocksdb::Status& status) {
    if (!status.ok()) throw StorageError(path + " cannot be written: " + status.ToString());
  };
  std::unique_ptr<rocksdb::WritableFile> file;
  need_written(env.NewWritableFile(made, &file, {}));
  Owner::of(directory).give(made);
  parts([&](std::string_view bytes) { need_written(file->Append({bytes.data(), bytes.size()})); });
  need_written(file->Sync());
  need_written(file->Close());
  need_written(env.RenameFile(made, path));
  sync_directory(env, directory);
}

void sync_directory(rocksdb::Env& env, const std::string& directory) {
  std::unique_ptr<rocksdb::Directory> entries;
  rocksdb::Status status = env.NewDirectory(directory, &entries);
  if (status.ok()) status = entries->Fsync();
  if (!status.ok()) throw StorageError(directory + " cannot be synced: " + status.ToString());
}

bool make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return true;
  const int error = errno;
  if (error == EEXIST && std::filesystem::is_directory(path)) return false;
  throw StorageError(
      path + " cannot be made: " +
      (error == ENOENT ? "the directory that it would be in is not there" : std::strerror(error)));
}

Owner Owner::of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) throw StorageError(path + ": " + std::strerror(errno));
  return {found.st_uid, found.st_gid};
}

void Owner::give(const std::string& path) const {
  if (::geteuid() != 0) return;
  struct stat now {};
  const bool known = ::lstat(path.c_str(), &now) == 0;
  if (known && now.st_uid == user && now.st_gid == group) return;
  if (::lchown(path.c_str(), user, group) == 0) return;
  throw StorageError(path + " cannot be given to its owner: " + std::strerror(errno));
}

void Owner::give_all(const std::string& directory) const {
  if (::geteuid() != 0) return;
  give(directory);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    give(entry.path());
  }
}

}  // namespace toll::persistence

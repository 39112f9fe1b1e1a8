// Small files that are replaced as a whole, and who owns what is made.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

namespace rocksdb {
class Env;
}

namespace toll::persistence {

/// A new file with these parts, synced with its directory entry, that belongs to the owner of the
/// directory; a file of that name is replaced. Throws StorageError.
void write_durably(rocksdb::Env& env, const std::string& directory, const std::string& name,
                   const std::function<void(const std::function<void(std::string_view)>& append)>&);

/// Makes the directory, for its owner alone; only the last component, so that a wrong word makes no
/// tree. False if it is there. Throws StorageError.
bool make_directory(const std::string& path);

/// What was made, renamed and removed in it stays so. Throws StorageError.
void sync_directory(rocksdb::Env& env, const std::string& directory);

/// Root works for those who own the directories: what it makes is given to them. Anybody else owns
/// what he makes.
struct Owner {
  uid_t user = 0;
  gid_t group = 0;

  /// Throws StorageError.
  static Owner of(const std::string& path);

  /// Throws StorageError if it cannot be given.
  void give(const std::string& path) const;
  void give_all(const std::string& directory) const;
};

}  // namespace toll::persistence

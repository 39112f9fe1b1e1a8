#include "persistence/init.hpp"

#include <filesystem>

#include "persistence/durable_file.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

void init(const std::string& directory) {
  if (std::filesystem::exists(directory + "/CURRENT")) {
    throw StorageError("data directory " + directory + " has a journal: nothing is changed");
  }
  StorageOptions options;
  options.directory = directory;
  options.threads = false;
  options.on_broken_disk = [](const std::string& what) { throw StorageError(what); };
  Storage::open(std::move(options));
  Owner::of(directory).give_all(directory);
}

}  // namespace toll::persistence

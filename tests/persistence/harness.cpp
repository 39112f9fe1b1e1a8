#include "tests/persistence/harness.hpp"

#include <fstream>
#include <iterator>

#include "tests/support/temporary_directory.hpp"

namespace toll::test {

persistence::StorageOptions by_hand(const std::string& directory, rocksdb::Env* env) {
  persistence::StorageOptions options;
  options.directory = directory;
  options.threads = false;
  options.env = env;
  options.on_broken_disk = [](const std::string& what) { throw BrokenDisk{what}; };
  return options;
}

void fill(persistence::Storage& storage, const std::vector<billing::Record>& records,
          std::size_t step) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& cause = records[i].cause;
    storage.journal().append(records[i].at, records[i].fact, cause ? &*cause : nullptr);
    if ((i + 1) % step == 0) storage.pump();
  }
  storage.flush();
}

void make_directory(const std::string& directory, const std::vector<billing::Record>& records,
                    bool closed) {
  if (closed) {
    fill(*persistence::Storage::open(by_hand(directory)), records);
    return;
  }
  const TemporaryDirectory elsewhere;
  const auto storage = persistence::Storage::open(by_hand(elsewhere.inside("data")));
  fill(*storage, records);
  std::filesystem::copy(elsewhere.inside("data"), directory,
                        std::filesystem::copy_options::recursive);
}

std::vector<billing::Record> events(persistence::Storage& storage) {
  return storage.rows().events(0, 1'000'000);
}

std::vector<std::filesystem::path> files(const std::string& directory,
                                         const std::string& extension) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_directory()) continue;
    if ((extension.empty() || entry.path().extension() == extension) && entry.file_size() > 0) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void overwrite(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace toll::test

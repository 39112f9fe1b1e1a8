#include "persistence/ballast.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "persistence/database.hpp"

namespace toll::persistence {

namespace fs = std::filesystem;

namespace {

std::string path_in(const std::string& directory) { return directory + "/ballast"; }

}  // namespace

bool give_up_ballast(const std::string& directory, std::uint64_t bytes) {
  std::error_code error;
  const std::uint64_t free_bytes = fs::space(directory, error).available;
  return !error && free_bytes < bytes && fs::remove(path_in(directory), error);
}

void make_ballast(const std::string& directory, std::uint64_t bytes) {
  const std::string path = path_in(directory);
  std::error_code error;
  if (fs::exists(path, error)) return;
  if (fs::space(directory, error).available < low_water_bytes + bytes || error) return;
  const int file = ::open(path.c_str(), O_CLOEXEC | O_WRONLY | O_CREAT, 0644);
  if (file < 0) return;
  const bool made = ::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0;
  ::close(file);
  if (!made) fs::remove(path, error);
}

}  // namespace toll::persistence

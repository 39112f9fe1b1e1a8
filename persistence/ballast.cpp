#include "persistence/ballast.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "persistence/database.hpp"

namespace toll::persistence {

namespace fs = std::filesystem;

namespace {

std::string path_in(const std::string& directory) { return directory + "/ballast"; }

std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(path, error);
  return error ? 0 : bytes;
}

}  // namespace

bool give_up_ballast(const std::string& directory, std::uint64_t bytes) {
  std::error_code error;
  const std::uint64_t free_bytes = fs::space(directory, error).available;
  return !error && free_bytes < bytes && fs::remove(path_in(directory), error);
}

bool give_up_ballast_step(const std::string& directory) {
  const std::string path = path_in(directory);
  const std::uint64_t bytes = size_of(path);
  std::error_code error;
  if (bytes > ballast_step_bytes) {
    fs::resize_file(path, bytes - ballast_step_bytes, error);
  } else if (bytes > 0) {
    fs::remove(path, error);
  }
  return bytes > 0 && !error;
}

void make_ballast(const std::string& directory, std::uint64_t bytes) {
  const std::string path = path_in(directory);
  const std::uint64_t before = size_of(path);
  if (before >= bytes) return;
  std::error_code error;
  if (fs::space(directory, error).available < low_water_bytes + bytes - before || error) return;
  const int file = ::open(path.c_str(), O_CLOEXEC | O_WRONLY | O_CREAT, 0644);
  if (file < 0) return;
  const bool made = ::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0;
  ::close(file);
  if (made) return;
  before == 0 ? void(fs::remove(path, error)) : fs::resize_file(path, before, error);
}

void make_ballast_step(const std::string& directory, std::uint64_t bytes) {
  const std::uint64_t before = size_of(path_in(directory));
  if (before < bytes) make_ballast(directory, std::min(bytes, before + ballast_step_bytes));
}

}  // namespace toll::persistence

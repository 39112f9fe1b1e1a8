#include "persistence/backup_files.hpp"

#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "persistence/crc32c.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/format.hpp"
#include "persistence/group.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

constexpr const char* title = "toll-backup 1";
constexpr const char* file_name = "BACKUP";

[[noreturn]] void refuse_backup(const std::string& what) { throw StorageError("backup: " + what); }

std::string path_in(const std::string& directory, const std::string& name) {
  return directory + '/' + name;
}

/// Visits the groups of one file; false when the visitor had enough.
bool read_segment(const std::string& path, const Segment& segment, billing::Seq from,
                  const std::function<bool(billing::Seq, std::string_view)>& visit) {
  std::ifstream file(path, std::ios::binary);
  std::string group;
  std::uint64_t place = 0;
  while (place < segment.bytes) {
    group.resize(format::group_header_bytes);
    file.read(group.data(), static_cast<std::streamsize>(group.size()));
    const std::uint64_t size = file ? group_bytes(group) : 0;
    if (size == 0 || size > segment.bytes - place) {
      refuse_backup(path + " is damaged at offset " + std::to_string(place));
    }
    group.resize(size);
    file.read(group.data() + format::group_header_bytes,
              static_cast<std::streamsize>(size - format::group_header_bytes));
    const auto view = parse_group(group);
    if (!file || !view) refuse_backup(path + " is damaged at offset " + std::to_string(place));
    place += size;
    if (view->last() >= from && !visit(view->first, group)) return false;
  }
  return true;
}

}  // namespace

std::string Segment::name() const {
  const std::string number = std::to_string(first);
  return std::string(20 - number.size(), '0') + number + ".groups";
}

bool BackupFiles::exist(const std::string& directory) {
  return std::filesystem::exists(path_in(directory, file_name));
}

BackupFiles BackupFiles::load(const std::string& directory) {
  std::ifstream file(path_in(directory, file_name), std::ios::binary);
  std::ostringstream stream;
  if (file) stream << file.rdbuf();
  if (!file)
    refuse_backup(directory + " has no BACKUP: it is none, or the first one was cut short");
  const std::string text = stream.str();
  const auto end = text.rfind("end ");
  if (!text.starts_with(title) || end == std::string::npos ||
      text.substr(end) != "end " + std::to_string(crc32c(text.substr(0, end))) + '\n') {
    refuse_backup(path_in(directory, file_name) + " is damaged");
  }
  BackupFiles files;
  std::istringstream words(text.substr(std::string(title).size(), end));
  for (std::string word; words >> word && word != "end";) {
    if (word == "head") {
      std::string digest;
      words >> files.tail.head >> digest;
      const auto parsed = parse_digest(digest);
      if (!parsed) refuse_backup("BACKUP has no digest");
      files.tail.digest = *parsed;
    } else if (word == "sign_of_life") {
      words >> files.beside.sign_of_life.emplace();
    } else if (word == "clock") {
      words >> word;
      files.beside.clock = parse_clock_kind(word);
      if (!files.beside.clock) refuse_backup("BACKUP knows a clock " + word);
    } else if (word == "segment") {
      Segment& segment = files.segments.emplace_back();
      words >> segment.first >> segment.last >> segment.bytes;
    } else {
      refuse_backup(path_in(directory, file_name) + " is of a later version: " + word);
    }
  }
  return files;
}

void BackupFiles::save(const std::string& directory) const {
  std::ostringstream text;
  text << title << "\nhead " << tail.head << ' ' << to_hex(tail.digest) << '\n';
  if (beside.sign_of_life) text << "sign_of_life " << *beside.sign_of_life << '\n';
  if (beside.clock) text << "clock " << in_words(*beside.clock) << '\n';
  for (const Segment& segment : segments) {
    text << "segment " << segment.first << ' ' << segment.last << ' ' << segment.bytes << '\n';
  }
  const std::uint32_t checksum = crc32c(text.str());
  text << "end " << checksum << '\n';
  write_durably(*rocksdb::Env::Default(), directory, file_name,
                [&](const auto& append) { append(text.str()); });
}

void BackupJournal::read(billing::Seq from,
                         const std::function<bool(billing::Seq, std::string_view)>& visit) const {
  for (const Segment& segment : files_.segments) {
    if (segment.last < from) continue;
    const std::string path = path_in(directory_, segment.name());
    std::error_code error;
    if (std::filesystem::file_size(path, error) != segment.bytes || error) {
      refuse_backup(path + " is missing or of another length");
    }
    if (!read_segment(path, segment, from, visit)) return;
  }
}

void copy_tokens(const std::string& from, const std::string& to) {
  const std::string name = "tokens";
  std::ifstream file(path_in(from, name), std::ios::binary);
  if (!file) return;
  std::ostringstream text;
  text << file.rdbuf();
  write_durably(*rocksdb::Env::Default(), to, name,
                [&](const auto& append) { append(text.str()); });
  std::filesystem::permissions(
      path_in(to, name), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace toll::persistence

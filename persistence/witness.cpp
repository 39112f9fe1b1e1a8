#include "persistence/witness.hpp"

#include <openssl/rand.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <array>
#include <sstream>

#include "billing/assert.hpp"
#include "persistence/crc32c.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/format.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

constexpr const char* witness_name = "witness";
constexpr const char* witness_title = "toll-witness 1";
/// Each of the two places: what a disk writes as one.
constexpr std::size_t place_bytes = 4096;

std::string witness_in(const std::string& directory) { return directory + '/' + witness_name; }

std::string to_place(const Testimony& testimony) {
  std::string text = std::string(witness_title) + ' ' + testimony.journal + ' ' +
                     in_words(testimony.known) + ' ' + std::to_string(testimony.at) + ' ' +
                     (testimony.given_up ? std::to_string(*testimony.given_up) : "-") + ' ';
  text += std::to_string(crc32c(text));
  text.resize(place_bytes - 1, ' ');
  return text += '\n';
}

std::optional<Testimony> from_place(const std::string& place) {
  std::istringstream words(place);
  std::string title, version, journal, known, at, given_up, checksum;
  words >> title >> version >> journal >> known >> at >> given_up >> checksum;
  const std::string checked =
      title + ' ' + version + ' ' + journal + ' ' + known + ' ' + at + ' ' + given_up + ' ';
  const auto tail = parse_tail(known);
  if (title + ' ' + version != witness_title || checksum != std::to_string(crc32c(checked)) ||
      !tail) {
    return std::nullopt;
  }
  Testimony testimony{journal, *tail, std::stoll(at), {}};
  if (given_up != "-") testimony.given_up = std::stoull(given_up);
  return testimony;
}

struct Found {
  Testimony testimony;
  std::size_t place = 0;
};

std::optional<Found> newest_place(const std::string& path, rocksdb::Env& env) {
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, path, &bytes);
  if (status.IsNotFound() || status.IsPathNotFound()) return std::nullopt;
  if (!status.ok()) throw StorageError(path + " cannot be read: " + status.ToString());
  std::optional<Found> newest;
  for (std::size_t place = 0; place < 2; ++place) {
    if (bytes.size() < (place + 1) * place_bytes) break;
    const auto read = from_place(bytes.substr(place * place_bytes, place_bytes));
    if (read && (!newest || read->known.head > newest->testimony.known.head)) {
      newest = Found{*read, place};
    }
  }
  if (newest) return newest;
  throw StorageError(path + " is damaged, and nothing else knows how far the journal had come: " +
                     "compare it with a backup (tollctl verify --expect), then remove this file");
}

}  // namespace

std::string new_journal_id() {
  std::array<char, 16> bytes{};
  TOLL_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()) == 1);
  Digest digits{};
  std::copy(bytes.begin(), bytes.end(), digits.begin());
  return to_hex(digits).substr(0, 2 * bytes.size());
}

std::optional<Testimony> read_witness(const std::string& directory, rocksdb::Env& env) {
  const auto found = newest_place(witness_in(directory), env);
  return found ? std::optional(found->testimony) : std::nullopt;
}

void replace_witness(const std::string& directory, rocksdb::Env& env, const Testimony& testimony) {
  const std::string place = to_place(testimony);
  write_durably(env, directory, witness_name, [&](const auto& append) { append(place + place); });
}

void need_witnessed(const std::string& directory, const JournalGroups& journal,
                    const Testimony& testimony) {
  const auto lacking = lack(journal, testimony.known, witness_in(directory));
  if (!lacking) return;
  throw StorageError("data directory " + directory + ": " + lacking->what +
                     ". Put the missing files back, or restore a backup (tollctl restore). To lose "
                     "what is missing, on record: tollctl give-up --data " +
                     directory + " --after " + std::to_string(lacking->head));
}

Witness::Witness(const std::string& directory, rocksdb::Env& env, DiskFailure& failure,
                 const Testimony& first)
    : directory_(directory), path_(witness_in(directory)), env_(env), failure_(failure) {
  if (const auto found = newest_place(path_, env)) {
    said_ = found->testimony;
    next_ = 1 - found->place;
  } else {
    replace_witness(directory, env, first);
    said_ = first;
  }
}

Witness::~Witness() = default;

void Witness::record(const JournalTail& tail, billing::Instant at) {
  const auto need_done = [this](const rocksdb::Status& status) {
    if (!status.ok()) failure_.raise("writing " + path_ + ": " + status.ToString());
  };
  if (tail.head == said_.known.head && !said_.given_up) return;
  said_ = {said_.journal, tail, at, {}};
  if (env_.FileExists(path_).IsNotFound()) {  // somebody has removed it meanwhile
    file_.reset();
    return replace_witness(directory_, env_, said_);
  }
  if (!file_) need_done(env_.NewRandomRWFile(path_, &file_, {}));
  const std::string place = to_place(said_);
  need_done(file_->Write(next_ * place_bytes, place));
  need_done(file_->Sync());
  next_ = 1 - next_;
}

}  // namespace toll::persistence

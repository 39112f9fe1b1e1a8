#include "persistence/live_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "persistence/database.hpp"
#include "persistence/format.hpp"
#include "persistence/group.hpp"
#include "persistence/no_log.hpp"
#include "persistence/storage.hpp"
#include "persistence/table_checksums.hpp"
#include "persistence/wal_scan.hpp"

namespace toll::persistence {

namespace fs = std::filesystem;

namespace {

/// What a server wrote and has not synced yet could be gone after a power cut; a copy of it would
/// be a copy of something that never was.
void sync_logs(const std::string& directory) {
  const auto sync = [&](const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;  // all of it is in a table by now
    const bool synced = ::fsync(file) == 0;
    ::close(file);
    if (!synced) refuse(directory, path + " cannot be synced");
  };
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".log") sync(entry.path());
  }
  sync(directory);
}

}  // namespace

struct LiveJournal::View {
  std::string directory;
  std::optional<Testimony> witness;  ///< read before the journal, which may go on growing
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::unique_ptr<rocksdb::DB> db;

  ~View() {
    if (!db) return;
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
  }

  void check_tables(const std::string& after) const {
    std::vector<rocksdb::LiveFileMetaData> tables;
    db->GetLiveFilesMetaData(&tables);
    for (const auto& table : tables) {
      const bool journal = table.column_family_name == format::journal_family;
      if (journal ? table.largestkey <= after
                  : table.column_family_name != rocksdb::kDefaultColumnFamilyName) {
        continue;
      }
      verify_table(table.directory + '/' + table.relative_filename, table.file_checksum_func_name,
                   table.file_checksum, *rocksdb::Env::Default());
    }
  }
};

LiveJournal::LiveJournal(const std::string& directory, billing::Seq after)
    : view_(new View{directory, read_witness(directory, *rocksdb::Env::Default()), {}, {}}) {
  if (!fs::exists(fs::path(directory) / "CURRENT")) refuse(directory, "there is no journal in it");
  scan_logs(directory, *rocksdb::Env::Default());
  rocksdb::DBOptions options;
  options.max_open_files = -1;  // what is deleted meanwhile stays readable
  options.info_log = no_log();
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Rows of early versions, which are families here, are left out.
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, {}}, {format::journal_family, {}}};
  rocksdb::DB* db = nullptr;
  {
    // A secondary instance takes a table that it cannot open for one that has not come yet.
    View strict{directory, {}, {}, {}};
    need(rocksdb::DB::OpenForReadOnly(options, directory, families, &strict.families, &db),
         directory);
    strict.db.reset(db);
    strict.check_tables(group_key(after));
  }
  need(rocksdb::DB::OpenAsSecondary(options, directory, "", families, &view_->families, &db),
       directory);
  view_->db.reset(db);
  // A log that went between the manifest and the logs being read is in a table that this finds.
  need(db->TryCatchUpWithPrimary(), directory);
  sync_logs(directory);
}

LiveJournal::~LiveJournal() = default;

void LiveJournal::read(billing::Seq from,
                       const std::function<bool(billing::Seq, std::string_view)>& visit) const {
  need(each_group(*view_->db, view_->families[1], from, visit), view_->directory);
}

const std::optional<Testimony>& LiveJournal::witness() const { return view_->witness; }

void LiveJournal::need_witnessed() const {
  if (view_->witness) persistence::need_witnessed(view_->directory, *this, *view_->witness);
}

Beside LiveJournal::beside() const {
  return read_beside([this](const char* key, std::string& value) {
    const rocksdb::Status status = view_->db->Get({}, view_->families[0], key, &value);
    if (!status.IsNotFound()) need(status, view_->directory);
    return status.ok();
  });
}

}  // namespace toll::persistence

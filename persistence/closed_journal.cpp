#include "persistence/closed_journal.hpp"

#include <algorithm>

#include "persistence/database.hpp"
#include "persistence/format.hpp"

namespace toll::persistence {

void ClosedJournal::read(billing::Seq from,
                         const std::function<bool(billing::Seq, std::string_view)>& visit) const {
  const Glance& journal = opened();
  need(each_group(*journal.db, journal.families[1], from, visit), directory_);
}

std::vector<rocksdb::LiveFileMetaData> ClosedJournal::tables() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  opened().db->GetLiveFilesMetaData(&files);
  std::erase_if(files,
                [](const auto& file) { return file.column_family_name != format::journal_family; });
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.smallestkey < b.smallestkey; });
  return files;
}

const Glance& ClosedJournal::opened() const {
  if (!glance_) {
    glance_.emplace(directory_, env_,
                    std::vector<rocksdb::ColumnFamilyDescriptor>{
                        {rocksdb::kDefaultColumnFamilyName, {}}, {format::journal_family, {}}});
    need(glance_->status, directory_);
  }
  return *glance_;
}

}  // namespace toll::persistence

#include "persistence/table_writer.hpp"

namespace toll::persistence {

TableWriter::TableWriter(const TablesFor& to, std::string place)
    : to_(to), place_(std::move(place)), options_(to.db.GetOptions(to.family)) {}

TableWriter::~TableWriter() = default;

void TableWriter::open() {
  // It is read again soon, to be checked: the pages of the file are to stay in memory.
  constexpr bool forget_pages = false;
  writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options_, to_.family,
                                                     forget_pages);
  made_.push_back({place_ + std::to_string(made_.size()) + ".sst", {}, {}});
  to_.database.check(writer_->Open(made_.back().path), to_.doing);
}

void TableWriter::put(std::string_view key, std::string_view value) {
  if (!writer_) open();
  to_.database.check(writer_->Put({key.data(), key.size()}, {value.data(), value.size()}),
                     to_.doing);
  if (writer_->FileSize() >= options_.target_file_size_base) close();
}

void TableWriter::close() {
  rocksdb::ExternalSstFileInfo made;
  to_.database.check(writer_->Finish(&made), to_.doing);
  made_.back().checksum = made.file_checksum;
  made_.back().checksum_name = made.file_checksum_func_name;
  writer_.reset();
}

std::vector<MadeTable> TableWriter::finish() {
  if (writer_) close();
  return std::move(made_);
}

void take_in(const TablesFor& to, const std::vector<MadeTable>& tables) {
  if (tables.empty()) return;
  rocksdb::IngestExternalFileArg arg;
  arg.column_family = to.family;
  for (const MadeTable& table : tables) {
    arg.external_files.push_back(table.path);
    arg.files_checksums.push_back(table.checksum);
    arg.files_checksum_func_names.push_back(table.checksum_name);
  }
  arg.options.move_files = true;
  arg.options.snapshot_consistency = false;
  arg.options.allow_global_seqno = false;  // refuses keys that are there
  arg.options.write_global_seqno = false;
  arg.options.verify_file_checksum = false;  // every byte is read again when all is there
  to.database.check(to.db.IngestExternalFiles({arg}), to.doing);
}

}  // namespace toll::persistence

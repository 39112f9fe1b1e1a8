#include "persistence/journal_reader.hpp"

#include "billing/assert.hpp"
#include "persistence/group.hpp"

namespace toll::persistence {

billing::Record JournalReader::record(billing::Seq seq) {
  auto group = parse_group(group_);
  if (!group || seq < group->first || seq > group->last()) {
    store_.read(seq, [this](billing::Seq, std::string_view value) {
      group_ = value;
      return false;
    });
    group = parse_group(group_);
  }
  TOLL_ASSERT(group && group->first <= seq && seq <= group->last());
  billing::Record found;
  TOLL_ASSERT(each_record(*group, seq, [&](billing::Record&& record) {
    found = std::move(record);
    return false;
  }));
  return found;
}

void JournalReader::each(billing::Seq from,
                         const std::function<bool(billing::Record&&)>& visit) const {
  store_.read(from, [&](billing::Seq, std::string_view value) {
    const auto group = parse_group(value);
    TOLL_ASSERT(group);
    bool more = true;
    TOLL_ASSERT(each_record(
        *group, from, [&](billing::Record&& record) { return more = visit(std::move(record)); }));
    return more;
  });
}

}  // namespace toll::persistence

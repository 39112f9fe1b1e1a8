#include "persistence/recovery.hpp"

#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

[[noreturn]] void damaged(billing::Seq first, const char* what) {
  throw StorageError("the journal is damaged: the group at record " + std::to_string(first) + ' ' +
                     what);
}

}  // namespace

JournalTail check_journal(const JournalGroups& journal, const Mark& rows) {
  const billing::Seq applied = rows.applied;
  JournalTail tail;
  bool any = false;
  journal.read(applied, [&](billing::Seq key, std::string_view value) {
    const auto group = parse_group(value);
    if (!group || !intact(value)) damaged(key, "has a wrong checksum");
    if (group->first != key) damaged(key, "is in a wrong place");
    if (!any && applied == 0 && key != 1) damaged(key, "is the first one: records before it miss");
    if (any && key != tail.head + 1) damaged(key, "does not follow the one before");
    if ((any || key == 1) && group->previous != tail.digest) {
      damaged(key, "does not continue the chain of the one before");
    }
    if (!any && applied != 0 && group->last() >= applied && group->digest != rows.digest) {
      throw StorageError("the rows are of another journal: up to record " +
                         std::to_string(applied) + " it has another history");
    }
    tail = {group->last(), group->digest};
    any = true;
    return true;
  });
  if (tail.head < applied) {
    throw StorageError("the rows are at record " + std::to_string(applied) +
                       " but the journal ends at record " + std::to_string(tail.head));
  }
  return tail;
}

}  // namespace toll::persistence

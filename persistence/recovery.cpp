#include "persistence/recovery.hpp"

#include <charconv>

#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

[[noreturn]] void damaged(billing::Seq first, const char* what) {
  throw StorageError("the journal is damaged: the group at record " + std::to_string(first) + ' ' +
                     what);
}

}  // namespace

JournalTail check_journal(const JournalGroups& journal, const Mark& rows,
                          const std::function<void(const GroupView&)>& visit) {
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
    if (!any && applied != 0 && group->last() >= applied && rows.digest != Digest{} &&
        group->digest != rows.digest) {
      throw StorageError("the rows are of another journal: up to record " +
                         std::to_string(applied) + " it has another history");
    }
    tail = {group->last(), group->digest};
    any = true;
    visit(*group);
    return true;
  });
  if (tail.head < applied) {
    throw StorageError("the rows are at record " + std::to_string(applied) +
                       " but the journal ends at record " + std::to_string(tail.head));
  }
  return tail;
}

std::optional<Lack> lack(const JournalGroups& journal, const JournalTail& known,
                         const std::string& who) {
  if (known.head == 0) return std::nullopt;
  Lack lack;
  bool there = false;
  const auto look = [&](billing::Seq, std::string_view value) {
    const auto group = parse_group(value);
    if (!group) return false;
    there = there || (group->last() == known.head && group->digest == known.digest);
    lack.head = group->last();
    return !there;
  };
  journal.read(known.head, look);
  if (lack.head == 0) journal.read(0, look);  // it ends before
  if (there) return std::nullopt;
  const std::string number = std::to_string(known.head);
  lack.what = lack.head < known.head
                  ? "the journal ends at record " + std::to_string(lack.head) + ", but " + who +
                        " knows record " + number +
                        ": a log was removed, emptied or replaced by an older one"
                  : "the journal is another one than " + who + " knows: they differ at record " +
                        number + " (it ends at record " + std::to_string(lack.head) + ')';
  return lack;
}

std::string to_hex(const Digest& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : digest) {
    const auto value = static_cast<std::uint8_t>(byte);
    (text += digits[value >> 4]) += digits[value & 15];
  }
  return text;
}

std::optional<Digest> parse_digest(const std::string& text) {
  Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    std::uint8_t value = 0;
    const char* const end = text.data() + 2 * i + 2;
    if (std::from_chars(text.data() + 2 * i, end, value, 16).ptr != end) return std::nullopt;
    digest[i] = static_cast<char>(value);
  }
  return digest;
}

std::string in_words(const JournalTail& tail) {
  return std::to_string(tail.head) + ':' + to_hex(tail.digest);
}

std::optional<JournalTail> parse_tail(const std::string& text) {
  JournalTail tail;
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const char* const end = text.data() + colon;
  const auto [after, error] = std::from_chars(text.data(), end, tail.head);
  const auto digest = parse_digest(text.substr(colon + 1));
  if (error != std::errc() || after != end || !digest) return std::nullopt;
  tail.digest = *digest;
  return tail;
}

}  // namespace toll::persistence

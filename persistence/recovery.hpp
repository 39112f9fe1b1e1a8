// Recovery: what is checked before a data directory is believed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "persistence/format.hpp"
#include "persistence/journal_store.hpp"

namespace toll::persistence {

/// Where the journal goes on.
struct JournalTail {
  billing::Seq head = 0;
  Digest digest{};
};

/// Checks checksum, place and chain of every group after the one that the rows end with, and that
/// one. Throws StorageError for the first group that is not what was written, and if the rows are
/// beyond the journal or of another one. A mark of nothing checks the whole journal; one without a
/// digest is only a place to begin at. `visit` sees each group that was found right.
JournalTail check_journal(
    const JournalGroups& journal, const Mark& rows = {},
    const std::function<void(const GroupView&)>& visit = [](const GroupView&) {});

/// What a journal lacks of what somebody knows of it.
struct Lack {
  billing::Seq head = 0;  ///< with which the journal ends
  std::string what;       ///< a sentence, with both numbers
};

/// None if the journal has the record that `known` names, as the last of a group with its digest.
/// `who` knows it.
std::optional<Lack> lack(const JournalGroups& journal, const JournalTail& known,
                         const std::string& who);

/// SEQ:DIGEST, the digest with 64 hexadecimal digits: what names a history up to a record.
std::string in_words(const JournalTail& tail);
std::optional<JournalTail> parse_tail(const std::string& text);

std::string to_hex(const Digest& digest);
std::optional<Digest> parse_digest(const std::string& text);

}  // namespace toll::persistence

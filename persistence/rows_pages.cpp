// The paged lists of RowsView. A cursor says where the next page begins, in terms of sequence
// numbers, which never change: pages stay stable while rows are added.
#include <charconv>

#include "billing/assert.hpp"
#include "persistence/format.hpp"
#include "persistence/journal_reader.hpp"
#include "persistence/keys.hpp"
#include "persistence/posting.hpp"
#include "persistence/rows_view.hpp"

namespace toll::persistence {

namespace {

/// A page looks at no more list entries than this, and may then be shorter than asked for.
constexpr std::size_t max_scan = 20'000;

/// A place in a list: a sequence number, and a line of that record.
struct Place {
  billing::Seq seq = 0;
  std::uint64_t line = 0;
};

bool parse_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// "SEQ" or, where a record has several lines, "SEQ.LINE".
std::optional<Place> parse_cursor(const std::optional<std::string>& cursor, bool with_line,
                                  Place start) {
  if (!cursor) return start;
  Place place;
  const std::string_view text = *cursor;
  const std::size_t dot = with_line ? text.find('.') : text.size();
  if (dot == text.npos || !parse_number(text.substr(0, dot), place.seq)) return std::nullopt;
  if (with_line && !parse_number(text.substr(dot + 1), place.line)) return std::nullopt;
  return place;
}

std::vector<billing::Seq> numbers(std::string_view posting) {
  Places places;
  TOLL_ASSERT(places.read(posting));
  return places.numbers();
}

/// The list that has the fewest sessions to look at.
std::string best_index(const SessionFilter& filter) {
  if (filter.patient) return keys::owner(format::patient_index, *filter.patient);
  if (filter.doctor) return keys::owner(format::doctor_index, *filter.doctor);
  if (filter.status) return keys::status(*filter.status);
  return keys::row(format::all_index);
}

bool matches(const SessionFilter& filter, const billing::Session& session) {
  return (!filter.patient || session.patient == *filter.patient) &&
         (!filter.doctor || session.doctor == *filter.doctor) &&
         (!filter.status || session.status == *filter.status);
}

/// The lines of a record from `begin` on, at most `limit`: an outage may forgive very many
/// intervals in one record, so it is cut before it becomes lines.
std::vector<billing::StatementLine> some_lines(billing::Record record, std::uint64_t begin,
                                               std::size_t limit) {
  if (auto* forgiven = std::get_if<billing::Forgiven>(&record.fact)) {
    const auto skipped = static_cast<std::int64_t>(
        std::min<std::uint64_t>(begin, static_cast<std::uint64_t>(forgiven->intervals)));
    forgiven->first_interval += skipped;
    forgiven->intervals = std::min(forgiven->intervals - skipped, static_cast<std::int64_t>(limit));
    return billing::statement_lines(record);
  }
  std::vector<billing::StatementLine> lines = billing::statement_lines(record);
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(
                                                 std::min<std::uint64_t>(begin, lines.size())));
  if (lines.size() > limit) lines.resize(limit);
  return lines;
}

}  // namespace

std::optional<Page<billing::Session>> RowsView::sessions(const SessionFilter& filter,
                                                         const std::optional<std::string>& cursor,
                                                         std::size_t limit) const {
  const auto start = parse_cursor(cursor, false, {});
  if (!start) return std::nullopt;
  Page<billing::Session> page;
  std::size_t scanned = 0;
  each_from(best_index(filter), start->seq, [&](billing::Seq seq, std::string_view value) {
    if (page.items.size() == limit || scanned == max_scan) {
      page.next = std::to_string(seq);
      return false;
    }
    ++scanned;
    const auto listed = static_cast<billing::Status>(value.front());
    if (filter.status && listed != *filter.status) return true;
    auto found = session(std::string(value.substr(1)));
    TOLL_ASSERT(found && found->status == listed);
    if (matches(filter, *found)) page.items.push_back(std::move(*found));
    return true;
  });
  return page;
}

std::optional<Page<billing::StatementLine>> RowsView::statement(
    const std::string& session, const std::optional<std::string>& cursor, std::size_t limit) const {
  const auto start = parse_cursor(cursor, true, {});
  if (!start) return std::nullopt;
  Page<billing::StatementLine> page;
  JournalReader journal(store_);
  // Adds the lines of one record; false once the page is full and the next one is known.
  const auto add = [&](billing::Seq seq) {
    const std::uint64_t begin = seq == start->seq ? start->line : 0;
    const std::size_t room = limit - page.items.size();
    auto lines = some_lines(journal.record(seq), begin, room + 1);
    const bool more = lines.size() > room;
    if (more) {
      page.next = std::to_string(seq) + '.' + std::to_string(begin + room);
      lines.resize(room);
    }
    std::move(lines.begin(), lines.end(), std::back_inserter(page.items));
    return !more;
  };
  // The row first: places leave it for a posting, never the other way.
  const std::vector<billing::Seq> newest = newest_places(format::session_row, session);
  const std::string prefix = keys::owner(format::statement_posting, session);
  // The start may lie inside a posting, whose key is then the last one at or before it.
  billing::Seq first = start->seq, read = 0;
  each_before(prefix, start->seq + 1, [&](billing::Seq posting, std::string_view) {
    first = posting;
    return false;
  });
  each_from(prefix, first, [&](billing::Seq, std::string_view value) {
    for (const billing::Seq seq : numbers(value)) {
      if (seq >= start->seq && !add(seq)) return false;
      read = seq;
    }
    return true;
  });
  for (const billing::Seq seq : newest) {
    if (page.next) break;
    if (seq > read && seq >= start->seq) add(seq);
  }
  return page;
}

std::optional<Page<billing::WalletEntry>> RowsView::entries(
    const std::string& doctor, const std::optional<std::string>& cursor, std::size_t limit) const {
  const auto start = parse_cursor(cursor, false, {std::numeric_limits<billing::Seq>::max(), 0});
  if (!start) return std::nullopt;
  Page<billing::WalletEntry> page;
  JournalReader journal(store_);
  billing::Seq before = start->seq;
  // Adds the records of the places, newest first; false once the page is full.
  const auto add = [&](const std::vector<billing::Seq>& places) {
    for (auto seq = places.rbegin(); seq != places.rend(); ++seq) {
      if (*seq >= before) continue;
      if (page.items.size() == limit) {
        page.next = std::to_string(*seq + 1);
        return false;
      }
      auto entry = billing::wallet_entry(journal.record(*seq));
      TOLL_ASSERT(entry);
      page.items.push_back(std::move(*entry));
      before = *seq;
    }
    return true;
  };
  if (!add(newest_places(format::doctor_row, doctor))) return page;
  each_before(keys::owner(format::entry_posting, doctor), before,
              [&](billing::Seq, std::string_view value) { return add(numbers(value)); });
  return page;
}

}  // namespace toll::persistence

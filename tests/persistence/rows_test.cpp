// Rows are the fold of the journal, whatever the windows; pages are whole, ordered and stable.
#include <catch2/catch.hpp>
#include <filesystem>
#include <future>

#include "billing/statement.hpp"
#include "persistence/format.hpp"
#include "persistence/verify.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// All items of a list, page by page; the page function takes a cursor.
template <class Item, class PageOf>
std::vector<Item> all(PageOf page_of, std::size_t limit) {
  std::vector<Item> items;
  std::optional<std::string> cursor;
  do {
    const auto page = page_of(cursor);
    REQUIRE(page);
    REQUIRE(page->items.size() <= limit);
    items.insert(items.end(), page->items.begin(), page->items.end());
    cursor = page->next;
    if (cursor) {
      REQUIRE_FALSE(page->items.empty());
      REQUIRE(cursor->find_first_not_of("0123456789.") == cursor->npos);
    }
  } while (cursor);
  return items;
}

std::vector<billing::Seq> places(const std::vector<billing::Session>& sessions) {
  std::vector<billing::Seq> seqs;
  for (const auto& session : sessions) seqs.push_back(session.created_seq);
  return seqs;
}

void check_lists(const Rows& rows, const Folded& folded, std::size_t limit) {
  std::vector<SessionFilter> filters{
      {}, {{}, "d1", {}}, {"p-s0", {}, {}}, {"p-s0", "d1", {}}, {"nobody", {}, {}}};
  for (const billing::Status status : billing::statuses) {
    filters.push_back({{}, {}, status});
    filters.push_back({{}, "d2", status});
    filters.push_back({"p-s1", {}, status});
  }
  for (const auto& filter : filters) {
    std::vector<billing::Seq> expected;
    for (const auto& [id, session] : folded.sessions) {
      if ((!filter.patient || session.patient == *filter.patient) &&
          (!filter.doctor || session.doctor == *filter.doctor) &&
          (!filter.status || session.status == *filter.status)) {
        expected.push_back(session.created_seq);
      }
    }
    std::sort(expected.begin(), expected.end());
    const auto found = all<billing::Session>(
        [&](const auto& cursor) { return rows.sessions(filter, cursor, limit); }, limit);
    CHECK(places(found) == expected);
  }
}

void check_postings(const Rows& rows, const std::vector<billing::Record>& records,
                    std::size_t limit) {
  std::map<std::string, std::vector<std::pair<billing::Seq, std::int64_t>>> lines;
  std::map<std::string, std::vector<billing::Seq>> entries;
  for (const auto& record : records) {
    for (const auto& line : billing::statement_lines(record)) {
      const auto* charged = std::get_if<billing::Charged>(&record.fact);
      const auto* forgiven = std::get_if<billing::Forgiven>(&record.fact);
      const auto* ended = std::get_if<billing::Ended>(&record.fact);
      const auto* refunded = std::get_if<billing::Refunded>(&record.fact);
      lines[charged    ? charged->session
            : forgiven ? forgiven->session
            : refunded ? refunded->session
                       : ended->session]
          .emplace_back(record.seq, line.interval.value_or(0));
    }
    if (const auto entry = billing::wallet_entry(record)) {
      entries[entry->doctor].insert(entries[entry->doctor].begin(), record.seq);
    }
  }
  for (const auto& [session, expected] : lines) {
    std::vector<std::pair<billing::Seq, std::int64_t>> found;
    for (const auto& line : all<billing::StatementLine>(
             [&, &id = session](const auto& cursor) { return rows.statement(id, cursor, limit); },
             limit)) {
      found.emplace_back(line.seq, line.interval.value_or(0));
    }
    CHECK(found == expected);
  }
  for (const auto& [doctor, expected] : entries) {
    std::vector<billing::Seq> found;
    for (const auto& entry : all<billing::WalletEntry>(
             [&, &id = doctor](const auto& cursor) { return rows.entries(id, cursor, limit); },
             limit)) {
      found.push_back(entry.seq);
    }
    CHECK(found == expected);
  }
}

}  // namespace

TEST_CASE("rows are the fold of the journal, whatever the windows and restarts") {
  const unsigned seed = GENERATE(1u, 2u, 3u, 4u);
  const std::size_t step = GENERATE(1u, 7u, 400u);
  INFO("seed " << seed << ", windows of " << step << " records");
  const TemporaryDirectory place;
  const auto records = random_clinic(seed, 800);
  const auto middle = records.begin() + 400;
  Folded folded;
  for (const auto& record : records) folded.add(record);

  fill(*Storage::open(by_hand(place.inside("data"))), {records.begin(), middle}, step);
  verify(place.inside("data"));
  {
    const auto storage = Storage::open(by_hand(place.inside("data")));
    CHECK(storage->recovered().head == 400);
    CHECK(storage->recovered().records_replayed == 0);
    fill(*storage, {middle, records.end()}, step);
    const Rows& rows = storage->rows();
    CHECK(rows.applied() == 800);
    CHECK(events(*storage) == records);
    for (const auto& [id, session] : folded.sessions) REQUIRE(rows.session(id) == session);
    for (const auto& [id, entity] : folded.subscriptions) REQUIRE(rows.subscription(id) == entity);
    for (const auto& [id, doctor] : folded.doctors) REQUIRE(rows.doctor(id) == doctor);
    for (const auto& [id, entity] : folded.withdrawals) REQUIRE(rows.withdrawal(id) == entity);
    CHECK(folded.withdrawals.size() > 5);
    CHECK_FALSE(rows.session("unknown"));
    CHECK_FALSE(rows.withdrawal("unknown"));
    std::size_t live = 0;
    rows.each_live_session([&](billing::Session&& session) { live += session.live(); });
    CHECK(live == static_cast<std::size_t>(
                      std::count_if(folded.sessions.begin(), folded.sessions.end(),
                                    [](const auto& entry) { return entry.second.live(); })));
    check_lists(rows, folded, 3);
    check_postings(rows, records, GENERATE(1u, 2u, 50u));
  }
  const Verified found = verify(place.inside("data"));
  CHECK(found.records == 800);
  CHECK(found.applied == 800);
  CHECK(found.sessions == folded.sessions.size());
}

TEST_CASE("a killed server's rows are folded again from the journal") {
  const TemporaryDirectory place;
  const auto records = every_kind();
  make_directory(place.inside("data"), records, false);
  const auto storage = Storage::open(by_hand(place.inside("data")));
  CHECK(storage->recovered().records_replayed == records.size());
  CHECK(storage->recovered().torn_bytes == 0);
  CHECK(storage->recovered().last_recorded == records.back().at);
  CHECK(storage->recovered().policies->current_version() == 1);
  CHECK_FALSE(storage->recovered().outages.since);
  CHECK(storage->rows().session("left")->live());
}

TEST_CASE("rows of another version are folded again, and theirs are removed") {
  const TemporaryDirectory place;
  const std::string directory = place.inside("data");
  const auto records = every_kind();
  make_directory(directory, records);
  const auto rows = [&](const std::string& name) {
    return std::filesystem::path(directory) / name;
  };
  std::filesystem::rename(rows(format::rows_directory), rows("rows.0"));
  CHECK_THROWS_WITH(verify(directory), Catch::Contains("no rows of this version"));
  CHECK(std::filesystem::exists(rows("rows.0")));
  CHECK(Storage::open(by_hand(directory))->recovered().records_replayed == records.size());
  CHECK_FALSE(std::filesystem::exists(rows("rows.0")));
  CHECK(verify(directory).applied == records.size());
}

TEST_CASE("rows that were folded from another journal are refused") {
  const TemporaryDirectory place;
  const std::string mine = place.inside("mine"), other = place.inside("other");
  auto records = every_kind();
  make_directory(mine, records);
  ++records.front().at;
  make_directory(other, records);
  verify(mine);
  std::filesystem::remove_all(mine + '/' + format::rows_directory);
  std::filesystem::rename(other + '/' + format::rows_directory,
                          mine + '/' + format::rows_directory);
  CHECK_THROWS_WITH(Storage::open(by_hand(mine)), Catch::Contains("of another journal"));
  CHECK_THROWS_WITH(verify(mine), Catch::Contains("of another journal"));
  std::filesystem::remove_all(mine + '/' + format::rows_directory);
  CHECK(Storage::open(by_hand(mine))->recovered().records_replayed == records.size());
  CHECK(verify(mine).applied == records.size());
}

TEST_CASE("a directory whose rows were never written is verified") {
  const TemporaryDirectory place;
  make_directory(place.inside("data"), every_kind(), false);
  const Verified found = verify(place.inside("data"));
  CHECK(found.records == every_kind().size());
  CHECK(found.applied == 0);
  CHECK(found.rows == 0);
}

TEST_CASE("an outage stays open until the server was ready, and the sign of life is newer") {
  const TemporaryDirectory place;
  {
    const auto storage = Storage::open(by_hand(place.inside("data")));
    CHECK_FALSE(storage->recovered().sign_of_life);
    CHECK(storage->recovered().last_recorded == 0);
    storage->journal().append(10, billing::OutageBegan{5});
    storage->journal().append(11, billing::OutageBegan{7});
    storage->journal().append(11, billing::OutageJudged{5, billing::OutageVerdict::forgive});
    storage->flush();
    storage->record_sign_of_life(99);
  }
  {
    const auto storage = Storage::open(by_hand(place.inside("data")));
    CHECK(storage->recovered().outages.since == 5);
    CHECK(storage->recovered().outages.verdict == billing::OutageVerdict::forgive);
    CHECK(storage->recovered().sign_of_life == 99);
    CHECK(storage->recovered().last_recorded == 99);
    storage->journal().append(12, billing::Ready{});
    storage->flush();
  }
  const auto storage = Storage::open(by_hand(place.inside("data")));
  CHECK_FALSE(storage->recovered().outages.since);
  CHECK(storage->recovered().outages.over == std::vector{billing::Outage{5, 12}});
}

TEST_CASE("pages stay stable while rows are added, and a cursor of something else is refused") {
  const TemporaryDirectory place;
  const auto records = random_clinic(9, 600);
  const auto storage = Storage::open(by_hand(place.inside("data")));
  fill(*storage, {records.begin(), records.begin() + 300});
  const Rows& rows = storage->rows();
  const auto entries = rows.entries("d1", {}, 4);
  const auto sessions = rows.sessions({}, {}, 4);
  REQUIRE(entries->next);
  REQUIRE(sessions->next);
  const auto entries_then = rows.entries("d1", entries->next, 4);
  const auto sessions_then = rows.sessions({}, sessions->next, 4);
  fill(*storage, {records.begin() + 300, records.end()});
  const auto entries_now = rows.entries("d1", entries->next, 4);
  REQUIRE(entries_now->items.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(entries_now->items[i].seq == entries_then->items[i].seq);
  }
  CHECK(places(rows.sessions({}, sessions->next, 4)->items) == places(sessions_then->items));
  for (const char* bad : {"", "x", "1.", "1.x", "-1", "1 ", "99999999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(rows.statement("c1", bad, 5));
    CHECK_FALSE(rows.entries("d1", bad, 5));
    CHECK_FALSE(rows.sessions({}, bad, 5));
  }
  CHECK_FALSE(rows.statement("c1", "5", 5));
  CHECK_FALSE(rows.entries("d1", "5.1", 5));
}

TEST_CASE("a record that forgives a million intervals does not become a million lines") {
  const TemporaryDirectory place;
  Script script;
  script.grant("s1", 5);
  script.create("c1", "s1", "d1", billing::Channel::text);
  script.activate("c1");
  script.append(billing::Forgiven{"c1", 3, 1, 1'000'000'000'000, "recovery"});
  const auto storage = Storage::open(by_hand(place.inside("data")));
  fill(*storage, script.records);
  const auto page = storage->rows().statement("c1", "5.999999999998", 10);
  REQUIRE(page->items.size() == 2);
  CHECK(page->items[1].interval == 1'000'000'000'000);
  CHECK_FALSE(page->next);
  CHECK(storage->rows().statement("c1", {}, 10)->next == "5.10");
}

TEST_CASE("a read waits for its record, closes the window, and sees it") {
  const TemporaryDirectory place;
  StorageOptions options = by_hand(place.inside("data"));
  options.threads = true;
  const auto storage = Storage::open(options);
  Journal& journal = storage->journal();
  for (int round = 0; round < 50; ++round) {
    const auto seq = journal.append(round, billing::Ready{});
    std::promise<billing::Seq> applied;
    storage->read(seq, [&](const Rows& rows) { applied.set_value(rows.applied()); });
    REQUIRE(applied.get_future().get() >= seq);
  }
}

TEST_CASE("without threads, reads run in the order in which they become possible") {
  const TemporaryDirectory place;
  const auto storage = Storage::open(by_hand(place.inside("data")));
  std::vector<int> ran;
  const auto note = [&](int n) { return [&ran, n](const Rows&) { ran.push_back(n); }; };
  storage->read(2, note(2));
  storage->read(1, note(1));
  storage->read(0, note(0));
  CHECK(ran.empty());
  CHECK(storage->pump());
  CHECK(ran == std::vector<int>{0});
  storage->journal().append(1, billing::Ready{});
  storage->pump();
  CHECK(ran == std::vector<int>{0, 1});
  storage->journal().append(2, billing::Ready{});
  storage->pump();
  CHECK(ran == std::vector<int>{0, 1, 2});
  CHECK_FALSE(storage->pump());
}

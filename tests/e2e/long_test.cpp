// Many and long: statements of hundreds of intervals, a patient with a hundred subscriptions, and
// pages that lose and repeat nothing while rows are added.
#include <atomic>
#include <catch2/catch.hpp>
#include <semaphore>
#include <set>
#include <thread>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

constexpr std::int64_t interval_ms = 10 * minute_ms;

/// Subscription `n` of a hundred, named in the order in which they give.
std::string nth(int n) { return "s" + std::to_string(100 + n); }

/// A client that bills short chats, one entry and some events each, while another reads pages. It
/// adds less than a page at a time, so that a walk towards the newest comes to an end.
class Writer {
 public:
  explicit Writer(TestServer& toll)
      : thread_([this, api = Api(toll.server())](const std::stop_token& stop) mutable {
          bool ok = true;
          for (int n = 0; allowed_.acquire(), !stop.stop_requested(); ++n) {
            ok = ok && bill(api, "w" + std::to_string(n));
            if (!ok) failed_ = true;
            billed_.release();
          }
        }) {}
  ~Writer() {
    thread_.request_stop();
    allowed_.release();
  }

  /// One more chat is billed when this returns, and another one meanwhile.
  void bill_more() {
    allowed_.release(2);
    billed_.acquire();
    if (more_) billed_.acquire();
    more_ = true;
    REQUIRE_FALSE(failed_);
  }

 private:
  static bool bill(Api& api, const std::string& id) try {
    return api.post("/v1/sessions", start_body(id, "text", "p2", "d1")).status == 201 &&
           api.post("/v1/sessions/" + id + "/activate").status == 200 &&
           api.post("/v1/sessions/" + id + "/end").status == 200;
  } catch (const LostAnswer&) {
    return false;
  }

  std::counting_semaphore<> allowed_{0};
  std::counting_semaphore<> billed_{0};
  std::atomic<bool> failed_{false};
  bool more_ = false;  ///< the second chat of the call before
  std::jthread thread_;
};

std::vector<Json> all_events(Api& api, int limit, const std::function<void()>& before_page,
                             std::uint64_t until) {
  std::vector<Json> items;
  std::uint64_t after = 0;
  while (after < until) {
    before_page();
    const Json page =
        api.get("/v1/events?limit=" + std::to_string(limit) + "&after=" + std::to_string(after))
            .body;
    REQUIRE_FALSE(page["items"].empty());
    REQUIRE(page["items"].size() <= static_cast<std::size_t>(limit));
    for (const auto& item : page["items"]) items.push_back(item);
    after = page["next_after"];
  }
  return items;
}

}  // namespace

TEST_CASE("the statement of 500 intervals, at once and in pages") {
  TestServer toll;
  Api& api = toll.api();
  constexpr int intervals = 523;
  api.grant("s1", "p1", 2 * intervals + 2);
  // Each boundary charged by its timer, then as many by one request: other records, same lines.
  api.open("c1", "voice", "p1", "d1");
  api.advance(intervals * interval_ms);
  api.advance(intervals * interval_ms, false);
  CHECK(api.deduct("c1")["deducted"] == intervals);
  CHECK(api.end("c1")["manual_unit"] == true);
  REQUIRE(api.post("/v1/sessions/c1/refunds", {{"units", 3}, {"reason", "x"}}).status == 201);

  const Json at_once = api.get("/v1/sessions/c1/statement").body;
  CHECK(at_once["next_cursor"].is_null());
  const Json& lines = at_once["lines"];
  REQUIRE(lines.size() == 2 * intervals + 1 + 3);
  for (int i = 0; i < 2 * intervals; ++i) {
    REQUIRE(lines[i]["kind"] == "interval");
    REQUIRE(lines[i]["interval"] == i + 1);
  }
  CHECK(lines[2 * intervals]["kind"] == "manual");
  CHECK(lines.back()["kind"] == "refund");
  for (const int limit : {7, 256, 500}) {
    INFO(limit);
    CHECK(Json(all_pages(api, "/v1/sessions/c1/statement", limit, "lines")) == lines);
  }
}

TEST_CASE("a statement of more than 1 MiB goes on at its cursor") {
  TestServer toll;
  Api& api = toll.api();
  constexpr int intervals = 10'300;
  api.grant("s1", "p1", intervals + 1);
  api.open("c1", "voice", "p1", "d1");
  api.advance(intervals * interval_ms, false);
  CHECK(api.deduct("c1")["deducted"] == intervals);
  const std::string route = "/v1/sessions/c1/statement";
  int pages = 0;
  int told = 0;
  for (Json cursor = ""; !cursor.is_null(); ++pages) {
    const std::string where = pages == 0 ? route : route + "?cursor=" + cursor.get<std::string>();
    const Response page = api.client().get(where);
    REQUIRE(page.status == 200);
    CHECK(page.body.size() <= 1u << 20);
    const Json body = Json::parse(page.body);
    for (const Json& line : body["lines"]) REQUIRE(line["interval"] == ++told);
    cursor = body["next_cursor"];
  }
  CHECK(told == intervals);
  CHECK(pages == 2);
}

TEST_CASE("a hundred subscriptions give in the order in which they started") {
  TestServer toll;
  Api& api = toll.api();
  Json order;
  for (int i = 0; i < 100; ++i) {
    const int n = i * 37 % 100;  // granted in no order
    api.grant(nth(n), "p1", 2, {{"starts_at", clock_time(n * minute_ms)}});
    order.push_back(nth(i));
  }
  api.advance(100 * minute_ms);
  const Json balance = api.get("/v1/patients/p1/balance").body;
  CHECK(balance["subscriptions"] == order);
  CHECK(balance["units"] == Json{{"text", 200}, {"voice", 200}, {"video", 200}});

  // 150 by their timers, the rest in one request, which finds the last one empty.
  api.open("c1", "voice", "p1", "d1");
  api.advance(150 * interval_ms);
  api.advance(100 * interval_ms, false);
  CHECK(api.deduct("c1")["session"]["end_reason"] == "exhausted");
  const Json lines = api.lines("c1");
  REQUIRE(lines.size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(lines[i]["subscription_id"] == nth(i / 2));
  CHECK(api.wallet("d1")["balance"] == 200 * rate);
  CHECK(api.get("/v1/patients/p1/balance").body["units"]["voice"] == 0);
  CHECK(api.units(nth(99), "text")["free"] == 2);
}

TEST_CASE(
    "rows added meanwhile neither hide nor repeat those that a walk through the pages meets") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1000);
  api.grant("s2", "p2", 1'000'000);
  std::vector<std::string> ids;
  for (int i = 0; i < 60; ++i) {
    ids.push_back("z" + std::to_string(100 - i));
    api.open(ids.back(), "text", "p1", "d1");
    api.end(ids.back());
  }
  const std::uint64_t last = api.last_seq();
  std::vector<Json> entries = all_pages(api, "/v1/doctors/d1/wallet/entries", 500);
  const Json events = api.get("/v1/events?limit=500").body["items"];
  REQUIRE(events.size() == last);
  Writer writer(toll);
  const auto more = [&] { writer.bill_more(); };

  for (const std::string filter : {"", "?doctor_id=d1", "?status=ended"}) {
    INFO(filter);
    const auto sessions = all_pages(api, "/v1/sessions" + filter, 7, "items", more);
    REQUIRE(sessions.size() > ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(sessions[i]["id"] == ids[i]);
    std::set<std::string> different;
    for (const auto& session : sessions) different.insert(session["id"].get<std::string>());
    CHECK(different.size() == sessions.size());
  }
  const auto walked = all_pages(api, "/v1/doctors/d1/wallet/entries", 7, "items", more);
  REQUIRE(walked.size() > entries.size());
  CHECK(std::vector<Json>(walked.end() - 60, walked.end()) == entries);
  for (std::size_t i = 1; i < walked.size(); ++i) CHECK(walked[i]["seq"] < walked[i - 1]["seq"]);
  // Of what came after the first page, nothing: a walk backwards does not chase the newest.
  CHECK(walked.front()["seq"] < all_pages(api, "/v1/doctors/d1/wallet/entries", 500)[0]["seq"]);

  const auto feed = all_events(api, 7, more, last);
  REQUIRE(feed.size() >= last);
  for (std::size_t i = 0; i < last; ++i) CHECK(feed[i] == events[i]);
  for (std::size_t i = 0; i < feed.size(); ++i) CHECK(feed[i]["seq"] == i + 1);
}

TEST_CASE("a cursor that is no cursor of this list is refused; one of another server is a place") {
  TestServer large, small;
  for (int i = 0; i < 9; ++i) {
    const std::string id = "c" + std::to_string(i);
    if (i == 0) large.api().grant("s1", "p1", 100);
    large.api().open(id, "text", "p1", "d1");
    large.api().end(id);
  }
  small.api().grant("s1", "p1", 100);
  small.api().open("c0", "text", "p1", "d1");
  small.api().end("c0");
  const std::string sessions = "/v1/sessions?limit=4",
                    entries = "/v1/doctors/d1/wallet/entries?limit=4";
  const std::string cursor = large.api().get(sessions).body["next_cursor"];
  CHECK(large.api().get(entries + "&cursor=" + cursor).code() == "invalid_request");
  CHECK(large.api().get(sessions + "&patient_id=p1&cursor=" + cursor).code() == "invalid_request");
  for (std::size_t size = 0; size < cursor.size(); ++size) {
    const Reply cut = large.api().get(sessions + "&cursor=" + cursor.substr(0, size));
    CHECK(cut.status == 400);
  }
  for (const std::string& list : {sessions, entries}) {
    const std::string theirs = large.api().get(list).body["next_cursor"];
    const Reply page = small.api().get(list + "&cursor=" + theirs);
    CHECK(page.status == 200);
    CHECK(page.body["items"].size() <= 1);
    CHECK(page.body["next_cursor"].is_null());
  }
}

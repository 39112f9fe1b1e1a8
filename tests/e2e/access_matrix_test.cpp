// Every route x every role, on a real server with a real session; a route without a row fails.
#include <catch2/catch.hpp>
#include <set>

#include "http/router.hpp"
#include "tests/e2e/access.hpp"
#include "tests/support/event_client.hpp"

using namespace toll::test;

namespace {

const std::vector<std::string> roles{"admin",     "service",        "patient:p1", "patient:p9",
                                     "doctor:d1", "doctor:d9",      "read",       "none",
                                     "revoked",   "jwt patient:p1", "jwt expired"};

struct Row {
  std::string route;
  std::string target;  ///< {n}: the cell; c{n} is a fresh voice session of p1 with d1, t{n} a text
  std::string body;
  std::string expected;  ///< one letter for each role: y 2xx, f 403, u 401

  /// A JWT is like the token of the same role, an expired one like none.
  std::string all_expected() const { return expected + expected[2] + expected[7]; }
};

// "own" columns first: p1 and d1 are the session's parties, p9 and d9 are not.
const std::vector<Row> rows{
    //                                                               admin service p1 p9 d1 d9 read
    {"POST /v1/sessions", "", R"({"channel":"text","patient_id":"p1","doctor_id":"d9"})",
     "yyyffffuu"},
    {"GET /v1/sessions", "?patient_id=p1&doctor_id=d1", "", "yyyfyfyuu"},
    {"GET /v1/sessions/{id}", "c{n}", "", "yyyfyfyuu"},
    {"GET /v1/sessions/{id}/statement", "c{n}", "", "yyyfyfyuu"},
    {"POST /v1/sessions/{id}/messages", "t{n}", R"({"from":"patient"})", "yyyffffuu"},
    {"POST /v1/sessions/{id}/activate", "c{n}", "", "yyffyffuu"},
    {"POST /v1/sessions/{id}/deduct", "a{n}", "", "yyyfyffuu"},
    {"POST /v1/sessions/{id}/end", "c{n}", "", "yyyfyffuu"},
    {"POST /v1/sessions/{id}/refunds", "e{n}", R"({"units":1,"reason":"x"})", "yyfffffuu"},
    {"POST /v1/deductions", "", R"({"items":[{"session_id":"a{n}"}]})", "yyfffffuu"},
    {"PUT /v1/subscriptions/{id}", "s{n}",
     R"({"patient_id":"p1","units":{"text":1},"ends_at":"2030-01-01T00:00:00Z"})", "yyfffffuu"},
    {"GET /v1/subscriptions/{id}", "s1", "", "yyyfffyuu"},
    {"PATCH /v1/subscriptions/{id}", "s1", R"({"status":"active"})", "yyfffffuu"},
    {"POST /v1/subscriptions/{id}/topups", "s1", R"({"units":{"text":1}})", "yyfffffuu"},
    {"GET /v1/patients/{id}/balance", "p1", "", "yyyfffyuu"},
    {"PUT /v1/doctors/{id}", "d1", "{}", "yyfffffuu"},
    {"GET /v1/doctors/{id}/wallet", "d1", "", "yyffyfyuu"},
    {"GET /v1/doctors/{id}/wallet/entries", "d1", "", "yyffyfyuu"},
    {"POST /v1/doctors/{id}/withdrawals", "d1", R"({"amount":1,"currency":"MWK"})", "yyffyffuu"},
    {"POST /v1/withdrawals/{id}/approve", "{w}", "", "yyfffffuu"},
    {"POST /v1/withdrawals/{id}/reject", "{w}", "", "yyfffffuu"},
    {"POST /v1/withdrawals/{id}/pay", "{w}", "", "yyfffffuu"},
    {"GET /v1/events", "", "", "yyffffyuu"},
    {"GET /v1/events/stream", "", "", "yyffffyuu"},
    {"GET /v1/test/clock", "", "", "yyffffyuu"},
    {"POST /v1/test/clock", "", R"({"advance_ms":0})", "yffffffuu"},
    {"GET /metrics", "", "", "yyffffyuu"},
    {"GET /livez", "", "", "yyyyyyyyy"},
    {"GET /readyz", "", "", "yyyyyyyyy"},
    {"GET /openapi.json", "", "", "yyyyyyyyy"},
    {"GET /", "", "", "yyyyyyyyy"},
    {"GET /docs", "", "", "yyyyyyyyy"},
    {"GET /docs/", "", "", "yyyyyyyyy"},
    {"GET /docs/{id}", "docs.js", "", "yyyyyyyyy"},
};

void fill(std::string& text, const std::string& place, const std::string& value) {
  const std::size_t at = text.find(place);
  if (at != std::string::npos) text.replace(at, place.size(), value);
}

/// What one cell needs, made by the administrator and put away again.
class Cell {
 public:
  Cell(Api& admin, const Row& row, int number) : admin_(admin) {
    const std::string n = std::to_string(number);
    target_ = row.target;
    body_ = row.body;
    const std::string& text = target_ + body_;
    for (const char kind : {'c', 'a', 'e', 't'}) {
      if (text.find(kind + std::string("{n}")) == text.npos) continue;
      session_ = kind + n;
      const std::string channel = kind == 't' ? "text" : "voice";
      kind == 'c' || kind == 't' ? admin.start(session_, channel, "p1", "d1")
                                 : admin.open(session_, channel, "p1", "d1");
      if (kind == 'e') {
        admin.advance(2 * minute_ms);
        admin.end(session_);
      }
    }
    if (target_ == "{w}") {
      Reply made = admin.post("/v1/doctors/d1/withdrawals", {{"amount", 1}, {"currency", "MWK"}});
      REQUIRE(made.status == 201);
      target_ = made.body["id"];
      if (row.route.ends_with("/pay")) admin.post("/v1/withdrawals/" + target_ + "/approve");
    }
    fill(target_, "{n}", n);
    fill(body_, "{n}", n);
  }

  ~Cell() {
    if (!session_.empty()) admin_.post("/v1/sessions/" + session_ + "/end");
    const Json live = admin_.get("/v1/sessions?status=waiting").body;
    for (const Json& session : live["items"]) {
      admin_.post("/v1/sessions/" + session["id"].get<std::string>() + "/end");
    }
  }

  Response send(Api& caller, const std::string& route) const {
    const std::size_t space = route.find(' ');
    std::string path = route.substr(space + 1);
    path.find("{id}") == path.npos ? void(path += target_) : fill(path, "{id}", target_);
    return caller.client().request(route.substr(0, space), path, body_);
  }

 private:
  Api& admin_;
  std::string target_;
  std::string body_;
  std::string session_;
};

/// Two subscriptions, and a doctor who has earned something.
void make_world(Api& admin) {
  admin.grant("s1", "p1", 1000);
  admin.grant("s9", "p9", 1000);
  REQUIRE(admin.put("/v1/doctors/d9", Json::object()).status == 201);
  admin.open("before", "voice", "p1", "d1");
  admin.advance(25 * minute_ms);
  admin.end("before");
}

}  // namespace

TEST_CASE("the matrix has exactly the routes of the server") {
  std::set<std::string> known;
  std::set<std::string> tested;
  for (const auto& route : toll::http::routes()) {
    known.insert(std::string(name(route.method)) + " " + std::string(route.path));
  }
  for (const Row& row : rows) tested.insert(row.route);
  CHECK(tested == known);
  CHECK(rows.size() == known.size());
}

TEST_CASE("every route answers each role as it must, and what is refused changes nothing") {
  GuardedServer toll;
  Api& admin = toll.admin();
  make_world(admin);
  int number = 0;
  for (const Row& row : rows) {
    const std::string expected = row.all_expected();
    REQUIRE(expected.size() == roles.size());
    for (std::size_t i = 0; i < roles.size(); ++i) {
      const Cell cell(admin, row, ++number);
      const std::uint64_t head = admin.last_seq();
      if (row.route.ends_with("/stream") && expected[i] == 'y') {
        CHECK(EventClient(toll.server().port(), "", std::chrono::seconds(30),
                          "Bearer " + toll.token(roles[i]))
                  .next()
                  .id == "1");
        continue;
      }
      const Response response = cell.send(toll.as(roles[i]), row.route);
      INFO(row.route << " as " << roles[i] << ": " << response.status << " " << response.body);
      switch (expected[i]) {
        case 'y':
          CHECK(response.status < 400);
          continue;
        case 'f':
          CHECK(response.status == 403);
          CHECK(response.body.find("\"code\":\"forbidden\"") != std::string::npos);
          break;
        default:
          CHECK(response.status == 401);
          CHECK(response.body.find("\"code\":\"unauthenticated\"") != std::string::npos);
      }
      CHECK(admin.last_seq() == head);
    }
  }
}

#include "tests/e2e/bad_requests.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace toll::test {

namespace {

using Json = nlohmann::json;

const std::string long_id(65, 'x');
const Json bad_ids{"", long_id, "with space", "sl/ash", "ümlaut",      "tab\t",       7,
                   -1, 1.5,     true,         nullptr,  Json::array(), Json::object()};
/// Null is like a field that is not there, so only a required one may not be it.
Json optional(Json bad) {
  bad.erase(std::remove(bad.begin(), bad.end(), Json()), bad.end());
  return bad;
}

const Json bad_times{"",
                     "yesterday",
                     "2026-13-01T00:00:00Z",
                     "2026-02-30T00:00:00Z",
                     "2026-01-01",
                     "2026-01-01 00:00:00",
                     "2026-01-01T25:00:00Z",
                     1767225600,
                     nullptr,
                     true,
                     Json::array()};
const Json bad_units{Json{{"text", -1}},
                     Json{{"text", 1'000'000'001}},
                     Json{{"text", 1.5}},
                     Json{{"text", "5"}},
                     Json{{"fax", 1}},
                     Json{{"text", true}},
                     Json{{"text", 1e30}},
                     Json{{"text", Json::array()}},
                     5,
                     "ten",
                     nullptr,
                     Json::array()};
const Json bad_members{"p2",
                       5,
                       Json::object(),
                       Json{5},
                       Json{""},
                       Json{long_id},
                       Json{"a b"},
                       Json{nullptr},
                       Json{Json::array()}};
const Json bad_texts{5, true, nullptr, Json::array(), Json::object()};
const Json bad_channels{"", "fax", "TEXT", "text ", 0, nullptr, true, Json::array()};
const Json bad_parties{"", "nurse", "Patient", 1, nullptr, false, Json::object()};

/// Each is a list in which one item is bad, or no list at all.
Json bad_items() {
  const Json good{{"session_id", "c1"}};
  const Json no_field = Json::object();
  Json all{5, "c1", nullptr, true, Json::object(), Json::array({"c1"}), Json::array({nullptr})};
  for (const Json& id :
       {Json(""), Json("a b"), Json(long_id), Json(5), Json(nullptr), Json(true)}) {
    all.push_back(Json::array({good, {{"session_id", id}}}));
  }
  all.push_back(Json::array({no_field}));
  all.push_back(Json::array({{{"session_id", "c1"}, {"units", 1}}}));
  all.push_back(Json(1001, good));
  return all;
}

struct Route {
  std::string method, target;
  Json good;
  std::vector<std::string> required;
  std::map<std::string, Json> bad_values;
};

std::vector<Route> routes() {
  const Json grant{
      {"patient_id", "p"}, {"units", {{"text", 1}}}, {"ends_at", "2030-01-01T00:00:00Z"}};
  return {
      {"PUT",
       "/v1/subscriptions/new",
       grant,
       {"patient_id", "units", "ends_at"},
       {{"patient_id", bad_ids},
        {"units", bad_units},
        {"ends_at", bad_times},
        {"starts_at", optional(bad_times)},
        {"members", bad_members},
        {"plan", optional(bad_texts)},
        {"payment_ref", optional(bad_texts)},
        {"rollover_days", Json{-1, 1.5, "1", true, 1e12}}}},
      {"PATCH",
       "/v1/subscriptions/s1",
       {{"status", "active"}},
       {},
       {{"status", Json{"", "expired", "Active", 1, true}},
        {"members", bad_members},
        {"ends_at", optional(bad_times)}}},
      {"POST",
       "/v1/subscriptions/s1/topups",
       {{"units", {{"text", 1}}}},
       {"units"},
       {{"units",
         [] {
           Json values = bad_units;
           values.push_back(Json::object());
           values.push_back(Json{{"text", 0}});
           values.push_back(Json{{"text", nullptr}});
           return values;
         }()}}},
      {"PUT",
       "/v1/doctors/new",
       {{"currency", "MWK"}},
       {},
       {{"currency", Json{"", "mwk", "MW", "KWACHA", "EUR", 454, true, Json::array()}}}},
      {"POST",
       "/v1/sessions",
       {{"id", "new"}, {"channel", "text"}, {"patient_id", "p1"}, {"doctor_id", "d9"}},
       {"channel", "patient_id", "doctor_id"},
       {{"id", optional(bad_ids)},
        {"patient_id", bad_ids},
        {"doctor_id", bad_ids},
        {"channel", bad_channels},
        {"external_ref", optional(bad_texts)}}},
      {"POST",
       "/v1/sessions/t1/messages",
       {{"from", "patient"}},
       {"from"},
       {{"from",
         [] {
           Json values = bad_parties;
           values.push_back("server");
           return values;
         }()}}},
      {"POST", "/v1/sessions/t1/activate", Json::object(), {}, {}},
      {"POST",
       "/v1/sessions/c1/deduct",
       Json::object(),
       {},
       {{"triggered_by", Json{5, true, Json::array(), std::string(65, 'x')}}}},
      {"POST",
       "/v1/sessions/c1/end",
       Json::object(),
       {},
       {{"ended_by", optional(bad_parties)}, {"reason", optional(bad_texts)}}},
      {"POST",
       "/v1/sessions/c1/refunds",
       {{"units", 1}, {"reason", "sorry"}},
       {"units", "reason"},
       {{"units", Json{0, -1, 1.5, 1.0, 1e30, 1'000'000'001, "1", nullptr, true, Json::array(),
                       Json::object()}},
        {"reason", bad_texts}}},
      {"POST",
       "/v1/doctors/d1/withdrawals",
       {{"amount", 350'000}, {"currency", "MWK"}},
       {"amount", "currency"},
       {{"amount", Json{0, -1, 1.5, 1.0, 1e30, "1", nullptr, true, Json::array(), Json::object()}},
        {"currency", Json{"", "mwk", "MW", "KWACHA", 454, nullptr, true, Json::array()}}}},
      {"POST", "/v1/withdrawals/w/approve", Json::object(), {}, {}},
      {"POST", "/v1/withdrawals/w/reject", Json::object(), {}, {}},
      {"POST", "/v1/withdrawals/w/pay", Json::object(), {}, {}},
      {"POST",
       "/v1/deductions",
       {{"items", {{{"session_id", "c1"}}}}},
       {"items"},
       {{"items", bad_items()}}},
      {"POST",
       "/v1/test/clock",
       {{"advance_ms", 1}},
       {"advance_ms"},
       {{"advance_ms", Json{-1, 1.5, "1", nullptr, true, 1'000'000'000'001, 1e30}},
        {"run_timers", Json{0, "true", Json::array()}}}},
  };
}

}  // namespace

std::vector<BadRequest> bad_bodies() {
  const std::vector<std::string> broken{"{",
                                        "}",
                                        "[1]",
                                        "[[]]",
                                        "\"x\"",
                                        "null",
                                        "5",
                                        "true",
                                        "{]",
                                        "{\"a\":}",
                                        "{'a': 1}",
                                        "{\"a\": 1,}",
                                        "{} {}",
                                        "{}x",
                                        "NaN",
                                        "{\"a\": NaN}",
                                        "{\"a\": 01}",
                                        "{\"a\": 1e}",
                                        "{\"a\": \"\\x\"}",
                                        "{\"a\": \"\xff\xfe\"}",
                                        "{\"\\ud800\": 1}",
                                        "{\"a\": tru}",
                                        "{\"a\" 1}",
                                        "// {}",
                                        std::string(20'000, '['),
                                        std::string(20'000, '{'),
                                        std::string(1, '\0'),
                                        std::string("{}\0", 3),
                                        std::string("{}\0{}", 5)};
  std::vector<BadRequest> all;
  for (const Route& route : routes()) {
    const std::string good = route.good.dump();
    const auto add = [&](const std::string& why, const std::string& body, int status = 400,
                         const std::string& type = "application/json") {
      all.push_back({why, route.method, route.target, body, type, status});
    };
    for (const auto& body : broken) add("broken JSON " + body.substr(0, 20), body);
    for (const auto& field : route.required) {
      Json body = route.good;
      body.erase(field);
      add("without " + field, body.dump());
    }
    Json unknown = route.good;
    unknown["unknown_field"] = 1;
    add("unknown field", unknown.dump());
    for (const auto& [field, values] : route.bad_values) {
      for (const auto& value : values) {
        Json body = route.good;
        body[field] = value;
        add(field + " = " + value.dump().substr(0, 40), body.dump());
      }
    }
    for (const auto& [field, value] : route.good.items()) {
      const std::string again = "\"" + field + "\":" + value.dump();
      add(field + " twice", "{" + again + "," + good.substr(1));
    }
    add("wrong content type", good, 415, "text/plain");
    add("form", good, 415, "application/x-www-form-urlencoded");
    add("nearly JSON", good, 415, "application/jsonx");
    add("too large", "{\"x\":\"" + std::string(300 * 1024, 'x') + "\"}", 413);
  }
  for (const std::string number : {"99999999999999999999", "1e400", "-99999999999999999999"}) {
    all.push_back(
        {"advance_ms " + number, "POST", "/v1/test/clock", "{\"advance_ms\":" + number + "}"});
    all.push_back({"amount " + number, "POST", "/v1/doctors/d1/withdrawals",
                   "{\"currency\":\"MWK\",\"amount\":" + number + "}"});
    all.push_back({"units " + number, "POST", "/v1/subscriptions/s1/topups",
                   "{\"units\":{\"text\":" + number + "}}"});
  }
  all.push_back({"units twice inside", "POST", "/v1/subscriptions/s1/topups",
                 R"({"units":{"text":1,"text":2}})"});
  all.push_back({"starts after it ends", "PUT", "/v1/subscriptions/new",
                 R"({"patient_id":"p","units":{},"starts_at":"2030-01-02T00:00:00Z",)"
                 R"("ends_at":"2030-01-01T00:00:00Z"})"});
  all.push_back({"ends in the past, starts now", "PUT", "/v1/subscriptions/new",
                 R"({"patient_id":"p","units":{},"ends_at":"2020-01-01T00:00:00Z"})"});
  all.push_back({"patch ends before it starts", "PATCH", "/v1/subscriptions/s1",
                 R"({"ends_at":"2020-01-01T00:00:00Z"})"});
  all.push_back({"message to a call", "POST", "/v1/sessions/c1/messages", R"({"from":"doctor"})"});
  return all;
}

std::vector<BadRequest> bad_targets() {
  std::vector<BadRequest> all;
  const auto get = [&](const std::string& target, int status = 400) {
    all.push_back({"GET " + target, "GET", target, "", "", status});
  };
  for (const std::string route :
       {"/v1/sessions", "/v1/doctors/d1/wallet/entries", "/v1/sessions/c1/statement"}) {
    for (const std::string query : {"limit=0", "limit=-1", "limit=501", "limit=abc", "limit=",
                                    "limit=1.5", "limit=1&limit=2", "limit=99999999999999999999",
                                    "bogus=1", "cursor=%21", "cursor=x&cursor=y", "limit=%zz"}) {
      get(route + "?" + query);
    }
  }
  for (const std::string query :
       {"status=bogus", "status=", "patient_id=", "doctor_id=a%20b", "patient_id=a&patient_id=b",
        "patient=p1", "cursor=never-was-one"}) {
    get("/v1/sessions?" + query);
  }
  for (const std::string query :
       {"after=-1", "after=x", "after=", "after=1.5", "limit=0", "limit=501", "after=1&after=2",
        "bogus=", "after=99999999999999999999999"}) {
    get("/v1/events?" + query);
    get("/v1/events/stream?" + query);
  }
  for (const std::string id : {"a%20b", "%", "%4", "%zz", "%00", "%2F", "%FF", "a%0Ab", "%C3%BC"}) {
    get("/v1/sessions/" + id);
    get("/v1/subscriptions/" + id);
    get("/v1/doctors/" + id + "/wallet");
    get("/v1/patients/" + id + "/balance");
  }
  get("/v1/sessions/" + std::string(65, 'x'));
  get("/v1/sessions/" + std::string(2000, 'x'));
  for (const std::string route :
       {"/v1/sessions/c1", "/v1/subscriptions/s1", "/v1/patients/p1/balance",
        "/v1/doctors/d1/wallet", "/v1/test/clock"}) {
    get(route + "?bogus=1");
  }
  for (const std::string target :
       {"/v1", "/v2/sessions", "/v1/session", "/v1/sessions/c1/x", "/v1/sessions/c1/end/now",
        "/V1/sessions", "/v1/doctors", "/v1/patients/p1", "/metrics/x", "/v1/test"}) {
    get(target, 404);
  }
  const std::map<std::string, std::vector<std::string>> wrong_methods{
      {"/v1/sessions", {"PUT", "DELETE", "PATCH"}},
      {"/v1/sessions/c1", {"PUT", "POST", "DELETE", "PATCH"}},
      {"/v1/sessions/c1/end", {"GET", "PUT", "DELETE"}},
      {"/v1/sessions/c1/deduct", {"GET", "PUT", "DELETE"}},
      {"/v1/sessions/c1/activate", {"GET", "PATCH"}},
      {"/v1/sessions/c1/messages", {"GET", "PUT"}},
      {"/v1/sessions/c1/statement", {"POST", "DELETE"}},
      {"/v1/subscriptions/s1", {"POST", "DELETE"}},
      {"/v1/subscriptions/s1/topups", {"GET", "PUT"}},
      {"/v1/patients/p1/balance", {"POST", "PUT"}},
      {"/v1/doctors/d1", {"POST", "DELETE", "PATCH"}},
      {"/v1/doctors/d1/wallet", {"POST", "PUT"}},
      {"/v1/doctors/d1/withdrawals", {"GET", "PUT", "DELETE"}},
      {"/v1/withdrawals/w/approve", {"GET", "PUT"}},
      {"/v1/withdrawals/w/reject", {"GET", "DELETE"}},
      {"/v1/withdrawals/w/pay", {"GET", "PATCH"}},
      {"/v1/sessions/c1/refunds", {"GET", "PUT", "DELETE"}},
      {"/v1/deductions", {"GET", "PUT", "DELETE"}},
      {"/openapi.json", {"POST", "PUT"}},
      {"/v1/events", {"POST", "DELETE"}},
      {"/v1/events/stream", {"POST", "DELETE"}},
      {"/v1/test/clock", {"PUT", "DELETE"}},
      {"/metrics", {"POST"}},
      {"/livez", {"POST", "DELETE"}}};
  for (const auto& [target, methods] : wrong_methods) {
    for (const auto& method : methods) {
      all.push_back({method + " " + target, method, target, "", "", 405});
    }
  }
  return all;
}

std::vector<BadBytes> bad_bytes() {
  const std::string host = "Host: localhost\r\n";
  return {
      {"no version", "GET /livez\r\n\r\n"},
      {"two authorizations", "GET /v1/sessions HTTP/1.1\r\n" + host +
                                 "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"},
      {"two content types", "POST /v1/sessions HTTP/1.1\r\n" + host +
                                "Content-Type: application/json\r\nContent-Type: "
                                "text/plain\r\nContent-Length: 2\r\n\r\n{}"},
      {"unknown version", "GET /livez HTTP/9.9\r\n" + host + "\r\n"},
      {"no target", "GET  HTTP/1.1\r\n" + host + "\r\n"},
      {"only noise", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n\r\n"},
      {"header without colon", "GET /livez HTTP/1.1\r\nHost x\r\n\r\n"},
      {"space before colon", "GET /livez HTTP/1.1\r\nHost : x\r\n\r\n"},
      {"control character in header",
       "GET /livez HTTP/1.1\r\nX: a\x01"
       "b\r\n\r\n"},
      {"bad content length", "POST /v1/sessions HTTP/1.1\r\nContent-Length: ten\r\n\r\n"},
      {"negative content length", "POST /v1/sessions HTTP/1.1\r\nContent-Length: -5\r\n\r\n"},
      {"huge content length",
       "POST /v1/sessions HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"},
      {"two content lengths",
       "POST /v1/sessions HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"},
      {"bad chunk",
       "POST /v1/sessions HTTP/1.1\r\n" + host +
           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
      {"too many header bytes",
       "GET /livez HTTP/1.1\r\n" + host + "X: " + std::string(100'000, 'x') + "\r\n\r\n", 431},
      {"announces too much",
       "POST /v1/sessions HTTP/1.1\r\n" + host +
           "Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n",
       413},
      {"unknown method", "BILL /v1/sessions HTTP/1.1\r\n" + host + "\r\n", 405},
      {"body without content type",
       "POST /v1/sessions HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}", 415},
  };
}

}  // namespace toll::test

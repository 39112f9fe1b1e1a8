#include <catch2/catch.hpp>

#include "http/router.hpp"

using namespace toll::http;

namespace {

struct Found {
  std::string path, id, allowed;
};

Found find(Method method, std::string_view text, bool test_clock = true) {
  const auto target = parse_target(text);
  REQUIRE(target);
  const Match match = toll::http::match(method, *target, test_clock);
  return {match.route ? std::string(match.route->path) : "", match.id ? *match.id : "",
          match.allowed};
}

}  // namespace

TEST_CASE("every route is found by its own path and method") {
  for (const Route& route : routes()) {
    std::string path(route.path);
    const std::size_t id = path.find("{id}");
    if (id != std::string::npos) path.replace(id, 4, "abc");
    const Found found = find(route.method, path);
    CHECK(found.path == route.path);
    CHECK(found.id == (id == std::string::npos ? "" : "abc"));
  }
}

TEST_CASE("there are exactly the routes of this version") {
  std::vector<std::string> lines;
  for (const Route& route : routes()) {
    lines.push_back(std::string(name(route.method)) + " " + std::string(route.path));
  }
  std::sort(lines.begin(), lines.end());
  CHECK(lines == std::vector<std::string>{"GET /",
                                          "GET /docs",
                                          "GET /docs/",
                                          "GET /docs/{id}",
                                          "GET /livez",
                                          "GET /metrics",
                                          "GET /openapi.json",
                                          "GET /readyz",
                                          "GET /v1/doctors/{id}/wallet",
                                          "GET /v1/doctors/{id}/wallet/entries",
                                          "GET /v1/events",
                                          "GET /v1/events/stream",
                                          "GET /v1/patients/{id}/balance",
                                          "GET /v1/sessions",
                                          "GET /v1/sessions/{id}",
                                          "GET /v1/sessions/{id}/statement",
                                          "GET /v1/subscriptions/{id}",
                                          "GET /v1/test/clock",
                                          "PATCH /v1/subscriptions/{id}",
                                          "POST /v1/deductions",
                                          "POST /v1/doctors/{id}/withdrawals",
                                          "POST /v1/sessions",
                                          "POST /v1/sessions/{id}/activate",
                                          "POST /v1/sessions/{id}/deduct",
                                          "POST /v1/sessions/{id}/end",
                                          "POST /v1/sessions/{id}/messages",
                                          "POST /v1/sessions/{id}/refunds",
                                          "POST /v1/subscriptions/{id}/topups",
                                          "POST /v1/test/clock",
                                          "POST /v1/withdrawals/{id}/approve",
                                          "POST /v1/withdrawals/{id}/pay",
                                          "POST /v1/withdrawals/{id}/reject",
                                          "PUT /v1/doctors/{id}",
                                          "PUT /v1/subscriptions/{id}"});
}

TEST_CASE("paths that are no route") {
  const auto path = GENERATE(as<std::string>(), "/v1", "/v1/", "/v2/sessions", "/v1/session",
                             "/v1/sessions/a/b", "/v1/sessions/a/end/x", "/livez/", "//livez",
                             "/V1/sessions", "/v1/doctors/a/wallet/entries/b/c/d/e/f");
  INFO(path);
  const Found found = find(Method::get, path);
  CHECK(found.path.empty());
  CHECK(found.allowed.empty());
}

TEST_CASE("a path with another method says which methods it has") {
  CHECK(find(Method::post, "/v1/subscriptions/a").allowed == "PUT, GET, HEAD, PATCH, OPTIONS");
  CHECK(find(Method::other, "/livez").allowed == "GET, HEAD, OPTIONS");
  CHECK(find(Method::other, "/docs/").allowed == "GET, HEAD, OPTIONS");
  CHECK(find(Method::put, "/v1/sessions").allowed == "POST, GET, HEAD, OPTIONS");
}

TEST_CASE("the test clock is a route only with a test clock") {
  CHECK(find(Method::get, "/v1/test/clock", false).path.empty());
  CHECK(find(Method::put, "/v1/test/clock", false).allowed.empty());
}

TEST_CASE("targets are decoded before anything is compared") {
  CHECK(find(Method::get, "/v1/%73essions/a%3Ab").id == "a:b");
  CHECK(find(Method::get, "/v1/sessions/a%2Fb").id == "a/b");
  CHECK(find(Method::get, "/v1/sessions/").id.empty());
  CHECK(find(Method::get, "http://host:1/v1/sessions/a").id == "a");
  const auto target = parse_target("/v1/events?after=%31&limit=2");
  REQUIRE(target);
  REQUIRE(target->parameters.size() == 2);
  CHECK(target->parameters[0].value == "1");
  CHECK(parse_target("/livez?")->parameters.empty());
}

TEST_CASE("malformed targets") {
  const auto text = GENERATE(as<std::string>(), "", "*", "v1/sessions", "/%", "/%4", "/%zz",
                             "/v1 /x", "/a?%zz", "/<a>", "host:80", "/\xc3\xa4", "ftp://x/y");
  INFO(text);
  CHECK_FALSE(parse_target(text));
}

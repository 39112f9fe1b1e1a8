#include <catch2/catch.hpp>

#include "http/log.hpp"
#include "http/message.hpp"

using namespace toll::http;

TEST_CASE("an answer is framed by length") {
  std::string out = "rest of the last answer";
  frame(out, {201, "{}", "application/json", "Allow: GET\r\n"}, "id-1", {.keep_alive = true});
  CHECK_THAT(out, Catch::StartsWith("HTTP/1.1 201 Created\r\nDate: "));
  CHECK_THAT(out, Catch::EndsWith(" GMT\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                                  "Cache-Control: no-store\r\n"
                                  "X-Content-Type-Options: nosniff\r\n"
                                  "X-Request-Id: id-1\r\nAllow: GET\r\n\r\n{}"));
}

TEST_CASE("an answer says what becomes of the connection") {
  std::string out;
  frame(out, {}, "x", {});
  CHECK_THAT(out, Catch::Contains("\r\nConnection: close\r\n"));
  frame(out, {}, "x", {.keep_alive = true, .http_1_0 = true});
  CHECK_THAT(out, Catch::Contains("\r\nConnection: keep-alive\r\n"));
  frame(out, {}, "x", {.keep_alive = true});
  CHECK_THAT(out, !Catch::Contains("Connection:"));
}

TEST_CASE("an answer without content has no length and no type") {
  std::string out;
  frame(out, {.status = 204}, "x", {.keep_alive = true});
  CHECK_THAT(out, Catch::StartsWith("HTTP/1.1 204 No Content\r\n"));
  CHECK_THAT(out, !Catch::Contains("Content-Length:") && !Catch::Contains("Content-Type:") &&
                      Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("the answer to HEAD has the length but not the body") {
  std::string out;
  frame(out, {405, "{...}", "a/b", ""}, "x", {.keep_alive = true, .head = true});
  CHECK_THAT(out, Catch::Contains("Content-Length: 5\r\n") && Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("garbage is told from the beginning of a request") {
  CHECK(may_become_request("GE"));
  CHECK(may_become_request("GET / HTTP/1.1"));
  CHECK(may_become_request("GET / HTTP/1.1\r\nX: \xff"));
  CHECK_FALSE(may_become_request("\x16\x03\x01"));
  CHECK_FALSE(may_become_request("GET /\xff"));
  CHECK_FALSE(may_become_request("hello\n"));
  CHECK_FALSE(may_become_request("PRI * HTTP/2.0\r\n"));
}

TEST_CASE("so many lines a second are logged and no more") {
  LogBudget budget(2);
  const auto now = std::chrono::steady_clock::now();
  CHECK(budget.take(now));
  CHECK(budget.take(now));
  CHECK_FALSE(budget.take(now + std::chrono::milliseconds(999)));
  CHECK(budget.take(now + std::chrono::seconds(1)));
}

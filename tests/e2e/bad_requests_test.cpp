// Hundreds of bad requests: each is a 4xx with a problem document, and nothing changes.
#include "tests/e2e/bad_requests.hpp"

#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

/// A session of each kind to shoot at, and what is in the journal.
std::uint64_t prepare(Api& api) {
  api.grant("s1", "p1", 10);
  api.open("c1", "voice", "p1", "d1");
  api.start("t1", "text", "p1", "d2");
  return api.last_seq();
}

/// What is wrong with the answer, empty when it is what it should be.
std::string judge(const Response& response, int status) {
  if (response.status != status) return "status " + std::to_string(response.status);
  const auto type = response.headers.find("content-type");
  if (type == response.headers.end() || !type->second.starts_with("application/problem+json")) {
    return "no problem document";
  }
  const Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) return "body is no JSON object";
  for (const std::string field : {"type", "title", "detail", "code"}) {
    if (!body.contains(field) || !body[field].is_string()) return "no " + field;
  }
  if (body.value("status", 0) != status) return "another status in the document";
  if (status == 400 && body["code"] != "invalid_request") return "code " + body["code"].dump();
  if (status == 404 && body["code"] != "not_found") return "code " + body["code"].dump();
  if (status == 405 && response.headers.count("allow") == 0) return "no Allow";
  return "";
}

}  // namespace

TEST_CASE("every bad request is refused with a problem document and changes nothing") {
  TestServer toll;
  const std::uint64_t before = prepare(toll.api());
  std::vector<BadRequest> all = bad_bodies();
  for (auto& request : bad_targets()) all.push_back(std::move(request));
  REQUIRE(all.size() >= 300);
  for (const auto& request : all) {
    INFO(request.why << ": " << request.method << " " << request.target << " "
                     << request.body.substr(0, 200));
    Response response;
    try {
      response = toll.api().client().request(request.method, request.target, request.body,
                                             request.content_type);
    } catch (const LostAnswer& lost) {
      FAIL_CHECK(lost.what());
      continue;
    }
    INFO(response.body);
    CHECK(judge(response, request.status) == "");
  }
  CHECK(toll.api().last_seq() == before);
}

TEST_CASE("broken HTTP is answered, and the server goes on") {
  TestServer toll;
  const std::uint64_t before = prepare(toll.api());
  for (const auto& request : bad_bytes()) {
    INFO(request.why);
    const auto response = toll.api().client().raw(request.bytes);
    REQUIRE(response.has_value());
    INFO(response->status << " " << response->body);
    // An unknown method of a known route may be told apart from a malformed request, or not.
    const bool other = request.status == 405 && response->status != 405;
    CHECK(judge(*response, other ? 400 : request.status) == "");
  }
  CHECK(toll.api().client().get("/livez").status == 200);
  CHECK(toll.api().last_seq() == before);
}

TEST_CASE("too many headers are 431") {
  TestServer toll;
  std::string request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 5000; ++i) request += "X-" + std::to_string(i) + ": y\r\n";
  const auto response = toll.api().client().raw(request + "\r\n");
  REQUIRE(response.has_value());
  CHECK(judge(*response, 431) == "");
}

TEST_CASE("a good request that arrives line by line is no bad one") {
  TestServer toll;
  const std::string request =
      "GET /livez HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    INFO("cut after " << cut << " bytes");
    const auto response =
        toll.api().client().raw_in_two(request.substr(0, cut), request.substr(cut));
    REQUIRE(response.has_value());
    CHECK(response->status == 200);
  }
}

TEST_CASE("requests sent ahead without waiting are answered in order") {
  TestServer toll;
  toll.api().grant("s1", "p1", 10);
  toll.api().open("c1", "text", "p1", "d1");
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += "GET /v1/sessions/c1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto answers = toll.api().client().raw_many(bytes, 1000);
  CHECK(answers.size() == 1000);
  for (const auto& answer : answers) CHECK(answer.status == 200);
}

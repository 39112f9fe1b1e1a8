// What is answered beside the methods of the API's own routes: HEAD, OPTIONS, and paths that lead
// on.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "http/router.hpp"
#include "tests/e2e/access.hpp"

using namespace toll::test;
using toll::http::Method;
using toll::http::Route;
using toll::http::routes;

namespace {

std::set<std::string> words(const std::string& list) {
  std::set<std::string> all;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(", ", at), list.size());
    all.insert(list.substr(at, end - at));
    at = end + 2;
  }
  return all;
}

}  // namespace

TEST_CASE("HEAD answers as GET does, without the body") {
  GuardedServer toll;
  for (const std::string& token : {std::string("wrong"), toll.token("admin")}) {
    HttpClient client(toll.server().port());
    client.set_header("Authorization", "Bearer " + token);
    for (const Route& route : routes()) {
      if (route.method != Method::get) continue;
      const std::string target = target_of(route.path, "x");
      INFO(target << " with the token " << token);
      const Response head = client.request("HEAD", target);
      CHECK(head.body.empty());
      CHECK(head.headers.count("content-type") == 1);
      if (route.path == "/v1/events/stream" && head.status == 200) continue;  // it has no end
      const Response whole = client.get(target);
      CHECK(head.status == whole.status);
      CHECK(whole.headers.at("content-length") == std::to_string(whole.body.size()));
      // What the figures say changes with each request.
      if (route.path != "/metrics") {
        CHECK(head.headers.at("content-length") == whole.headers.at("content-length"));
      }
    }
  }
}

TEST_CASE("the root and a directory of documents lead to the page about the API") {
  TestServer toll;
  HttpClient& client = toll.api().client();
  CHECK(client.get("/").status == 302);
  CHECK(client.get("/").headers.at("location") == "docs");
  CHECK(client.get("/docs/").status == 302);
  CHECK(client.get("/docs/").headers.at("location") == "../docs");
}

TEST_CASE("OPTIONS says without a token what a path allows, and nothing else") {
  GuardedServer toll;
  HttpClient client(toll.server().port());
  std::map<std::string, std::set<std::string>> allowed;
  for (const auto& route : routes()) {
    std::set<std::string>& methods = allowed[std::string(route.path)];
    methods.insert({"OPTIONS", std::string(name(route.method))});
    if (route.method == Method::get) methods.insert("HEAD");
  }
  for (const auto& [path, methods] : allowed) {
    INFO(path);
    const Response answer = client.request("OPTIONS", target_of(path, "x"));
    CHECK(answer.status == 204);
    CHECK(answer.body.empty());
    CHECK_FALSE(answer.headers.contains("content-length"));
    CHECK_FALSE(answer.headers.contains("content-type"));
    REQUIRE(answer.headers.contains("allow"));
    CHECK(words(answer.headers.at("allow")) == methods);
  }
  CHECK(client.request("OPTIONS", "/v1/nothing").status == 404);
  CHECK(client.request("OPTIONS", "/v1/sessions/%zz").status == 400);
  // The connection goes on, and nobody has become known by it.
  CHECK(client.request("GET", "/v1/sessions").status == 401);
}

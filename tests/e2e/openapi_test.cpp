// The document about the API, as the server gives it. That it is true, tests/openapi shows.
#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

TEST_CASE("the OpenAPI document needs no token") {
  TempDir dir;
  Server server(dir / "data", {}, false);
  Api api(server);
  CHECK(api.get("/v1/events").status == 401);
  const Reply reply = api.get("/openapi.json");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(reply.body["openapi"] == "3.1.0");
  CHECK(reply.body["paths"].contains("/v1/sessions/{id}/end"));
}

TEST_CASE("the same grant again is 200, with the subscription as it is now") {
  TestServer toll;
  Api& api = toll.api();
  const Json body{{"patient_id", "p1"}, {"units", {{"text", 3}}}, {"ends_at", far_end}};
  CHECK(api.put("/v1/subscriptions/s1", body).status == 201);
  api.start("t1", "text", "p1", "d1");
  const Reply again = api.put("/v1/subscriptions/s1", body);
  CHECK(again.status == 200);
  CHECK(again.body["units"]["text"]["held"] == 1);
}

TEST_CASE("the page about the API needs no token, and its policy keeps it to this server") {
  TestServer toll;
  HttpClient& client = toll.api().client();
  for (const std::string path :
       {"/docs", "/docs/docs.css", "/docs/contents.js", "/docs/docs.js", "/docs/dom.js",
        "/docs/examples.js", "/docs/literals.js", "/docs/operation.js", "/docs/samples.js",
        "/docs/schema.js", "/docs/sections.js", "/docs/tab.js", "/docs/try.js"}) {
    INFO(path);
    const Response response = client.get(path);
    CHECK(response.status == 200);
    CHECK(response.headers.at("content-type").starts_with("text/"));
    const std::string policy = response.headers.at("content-security-policy");
    CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    CHECK(policy.find("unsafe") == std::string::npos);
    for (const std::string elsewhere :
         {"http:", "https:", "url(", "@import", "eval(", "innerHTML"}) {
      CHECK(response.body.find(elsewhere) == std::string::npos);
    }
  }
  CHECK(client.get("/docs/other.js").status == 404);
}

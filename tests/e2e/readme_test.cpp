// The first session of the README, as it is printed there.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/e2e/api.hpp"

using namespace toll::test;

TEST_CASE("the README's first session works as printed") {
  std::ifstream file(README_PATH);
  std::stringstream text;
  text << file.rdbuf();
  const std::string readme = text.str();
  const std::string fence = "```sh\n";
  const std::size_t begin = readme.find(fence);
  REQUIRE(begin != std::string::npos);
  std::string script = readme.substr(begin + fence.size());
  script.resize(script.find("```"));

  TestServer toll;
  const std::string port = "8080";
  REQUIRE(script.find(port) != std::string::npos);
  script.replace(script.find(port), port.size(), std::to_string(toll.server().port()));
  const Finished finished = run({"/bin/sh", "-ec", script});
  INFO(finished.output << finished.errors);
  CHECK(finished.status == 0);
  CHECK(finished.output.find("\"deducted\":1,") != std::string::npos);
  CHECK(toll.api().wallet("d1")["balance"] == 1'050'000);
  CHECK(toll.api().end("c1")["deducted"] == 0);
}

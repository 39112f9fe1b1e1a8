// The commands of the README, as they are printed there.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

/// The shell commands of one section.
std::vector<std::string> blocks_of(const std::string& section) {
  std::ifstream file(README_PATH);
  std::stringstream text;
  text << file.rdbuf();
  const std::string readme = text.str();
  const std::string fence = "```sh\n";
  const std::size_t end = readme.find("\n## ", readme.find("\n## " + section + "\n") + 1);
  std::vector<std::string> blocks;
  std::size_t at = readme.find("\n## " + section + "\n");
  REQUIRE(at != std::string::npos);
  while ((at = readme.find(fence, at)) < end) {
    at += fence.size();
    blocks.push_back(readme.substr(at, readme.find("```", at) - at));
  }
  return blocks;
}

std::string with(std::string script, const std::string& printed, const std::string& here) {
  INFO(script);
  REQUIRE(script.find(printed) != std::string::npos);
  return script.replace(script.find(printed), printed.size(), here);
}

std::string shell(const std::string& script) {
  const Finished finished = run({"/bin/sh", "-ec", script});
  INFO(script << finished.output << finished.errors);
  REQUIRE(finished.status == 0);
  return finished.output;
}

}  // namespace

TEST_CASE("the README's first session works as printed") {
  const auto blocks = blocks_of("A first session");
  REQUIRE(blocks.size() == 1);
  TestServer toll;
  const std::string output = shell(with(blocks[0], "8080", std::to_string(toll.server().port())));
  CHECK(output.find("\"deducted\":1,") != std::string::npos);
  CHECK(toll.api().wallet("d1")["balance"] == 1'050'000);
  CHECK(toll.api().end("c1")["deducted"] == 0);
}

TEST_CASE("the README's integration works as printed: token, grant, session, statement") {
  const auto blocks = blocks_of("A real integration");
  REQUIRE(blocks.size() == 2);
  const TempDir dir;
  const std::string make_token =
      with(with(blocks[0], "build/tollctl", tollctl_path()), "/tmp/clinic", dir.path());
  const std::string token = shell(make_token + "printf %s \"$T\"");
  const Server server(dir.path(), {}, false);
  const std::string output =
      shell("T=" + token + "\n" + with(blocks[1], "8080", std::to_string(server.port())));
  INFO(output);
  // One answer a line; the last is the statement.
  std::istringstream lines(output);
  std::vector<Json> answers;
  for (std::string line; std::getline(lines, line);) answers.push_back(Json::parse(line));
  REQUIRE(answers.size() == 5);
  CHECK(answers[0]["units"]["text"]["free"] == 10);
  CHECK(answers[1]["status"] == "waiting");
  CHECK(answers[2]["status"] == "active");
  CHECK(answers[3]["deducted"] == 1);
  REQUIRE(answers[4]["lines"].size() == 1);
  CHECK(answers[4]["lines"][0]["kind"] == "manual");

  Api stranger(server);
  CHECK(stranger.get("/v1/sessions/t1").code() == "unauthenticated");
}

// The commands of the README and of the first steps, as they are printed there, and their answers.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

/// The blocks of one section that begin with this fence.
std::vector<std::string> blocks_of(const std::string& page, const std::string& section,
                                   const std::string& fence = "```sh\n") {
  std::ifstream file(page);
  std::stringstream text;
  text << file.rdbuf();
  const std::string readme = text.str();
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

/// What stands between the dots is in the answer, in this order, from its beginning to its end.
void check_shortened(const std::string& answer, const std::string& printed) {
  INFO(answer << "\n" << printed);
  std::size_t from = 0;
  for (std::size_t at = 0; at <= printed.size();) {
    const std::size_t dots = std::min(printed.find("...", at), printed.size());
    const std::string piece = printed.substr(at, dots - at);
    const bool last = dots == printed.size();
    const std::size_t found = last ? answer.rfind(piece) : answer.find(piece, from);
    REQUIRE(found != answer.npos);
    REQUIRE(found >= from);
    if (at == 0) CHECK(found == 0);
    from = found + piece.size();
    at = dots + 3;
  }
  CHECK(from == answer.size());
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

TEST_CASE("the README's first session works as printed, and is answered so") {
  const auto blocks = blocks_of(README_PATH, "A first session");
  REQUIRE(blocks.size() == 1);
  const auto printed = blocks_of(README_PATH, "A first session", "where `...` stands:\n\n```\n");
  REQUIRE(printed.size() == 1);
  TestServer toll;
  std::string script = with(blocks[0], "8080", std::to_string(toll.server().port()));
  for (std::size_t at = 0; (at = script.find("\ncurl ", at)) != script.npos; at += 6) {
    script.replace(at, 6, "\necho; curl -s ");
  }
  std::istringstream answers(shell(script)), expected(printed[0]);
  std::string answer, line;
  std::getline(answers, answer);  // before the first
  for (int i = 0; i < 6; ++i) {
    INFO(i);
    REQUIRE(std::getline(answers, answer));
    REQUIRE(std::getline(expected, line));
    check_shortened(answer, line);
  }
  CHECK_FALSE(std::getline(expected, line));
  CHECK(toll.api().end("c1")["deducted"] == 0);
}

TEST_CASE("the first steps work as printed: token, grant, session, statement") {
  const auto blocks = blocks_of(START_PATH, "A real integration");
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

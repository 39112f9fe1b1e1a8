#include "access/token_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "access/watched_tokens.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll::access;
namespace fs = std::filesystem;

namespace {

struct Store {
  toll::test::TemporaryDirectory dir;
  std::string path = dir.inside("tokens");
  TokenStore store{path};

  void write(const std::string& text) { std::ofstream(path) << text; }
};

const Grant reader{Role::read, ""};

}  // namespace

TEST_CASE("a token that was made is found until it is revoked") {
  Store files;
  WatchedTokens watched(files.path);
  CHECK(watched.size() == 0);
  CHECK_FALSE(watched.refresh(WatchedTokens::Clock::now()));

  const std::string one = files.store.create("one", {Role::patient, "p1"});
  const std::string two = files.store.create("two", reader);
  CHECK(one != two);
  CHECK(one.size() == token_prefix.size() + token_id_length + 1 + token_secret_length);
  CHECK_FALSE(watched.find(one));
  CHECK(watched.refresh(WatchedTokens::Clock::now()));
  CHECK(watched.find(one)->grant == Grant{Role::patient, "p1"});
  CHECK(watched.find(two)->grant == reader);
  CHECK_FALSE(watched.refresh(WatchedTokens::Clock::now()));

  files.store.revoke("one");
  CHECK(watched.refresh(WatchedTokens::Clock::now()));
  CHECK_FALSE(watched.find(one));
  CHECK(watched.find(two));
  REQUIRE(files.store.list().size() == 1);
  CHECK(files.store.list()[0].name == "two");
}

TEST_CASE("the file is for its owner only and says no secret") {
  Store files;
  const std::string token = files.store.create("one", reader);
  struct stat status {};
  REQUIRE(stat(files.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto text = read_token_file(files.path);
  REQUIRE(text);
  CHECK(text->find(token.substr(token.size() - token_secret_length)) == std::string::npos);
  // And the lock.
  CHECK(std::distance(fs::directory_iterator(fs::path(files.path).parent_path()), {}) == 2);
}

TEST_CASE("what cannot be done changes nothing") {
  Store files;
  files.store.create("one", reader);
  const auto before = read_token_file(files.path);
  CHECK_THROWS_AS(files.store.create("one", reader), TokenError);
  CHECK_THROWS_AS(files.store.create("a b", reader), TokenError);
  CHECK_THROWS_AS(files.store.create("", reader), TokenError);
  CHECK_THROWS_AS(files.store.revoke("two"), TokenError);
  CHECK(read_token_file(files.path) == before);
  files.write("not tokens");
  CHECK_THROWS_AS(files.store.create("two", reader), TokenError);
  CHECK(read_token_file(files.path) == "not tokens");
}

TEST_CASE(
    "a file that cannot be read is tried each second, and its tokens are believed for a minute") {
  using std::chrono::seconds;
  Store files;
  const std::string token = files.store.create("one", reader);
  WatchedTokens watched(files.path);
  const auto right = *read_token_file(files.path);
  const auto begin = WatchedTokens::Clock::now();
  files.write("broken");
  CHECK_THROWS_AS(watched.refresh(begin), TokenError);
  CHECK(watched.unreadable_since() == begin);
  CHECK_FALSE(watched.refresh(begin + std::chrono::milliseconds(999)));
  CHECK_THROWS_AS(watched.refresh(begin + seconds(1)), TokenError);  // though it is the same
  fs::remove(files.path);
  CHECK_THROWS_AS(watched.refresh(begin + seconds(2)), TokenError);
  fs::create_directory(files.path);
  CHECK_THROWS_AS(watched.refresh(begin + seconds(59)), TokenError);
  CHECK(watched.find(token));
  CHECK_THROWS_AS(watched.refresh(begin + seconds(60)), TokenError);
  CHECK(watched.unreadable_since() == begin);
  CHECK_FALSE(watched.find(token));
  fs::remove(files.path);
  files.write(right);
  CHECK(watched.refresh(begin + seconds(61)));
  CHECK(watched.find(token));
  CHECK_FALSE(watched.unreadable_since());
  fs::remove(files.path);
  watched.forget_version();
  CHECK_THROWS_AS(watched.refresh(begin + seconds(62)), TokenError);
  CHECK(watched.find(token));
  files.write("broken");
  CHECK_THROWS_AS(WatchedTokens(files.path), TokenError);
}

TEST_CASE("a server goes by one version of the file, and says which") {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  Store files;
  files.store.create("one", reader);
  files.store.create("two", reader);
  CHECK(files.store.wait_until_in_force(milliseconds(0)));  // there is no server
  const std::string link = files.dir.inside("link");
  fs::create_symlink(files.path, link);
  WatchedTokens watched(link);
  const auto begin = WatchedTokens::Clock::now();
  CHECK(files.store.wait_until_in_force(milliseconds(0)));
  {
    WatchedTokens other(files.path);
    for (const char* name : {"one", "two"}) {
      files.store.revoke(name);
      CHECK_FALSE(files.store.wait_until_in_force(milliseconds(0)));
    }
    CHECK(watched.refresh(begin));
    CHECK_FALSE(files.store.wait_until_in_force(milliseconds(0)));
  }
  CHECK(files.store.wait_until_in_force(milliseconds(0)));  // the other one has ended
  files.write("broken");
  CHECK_THROWS_AS(watched.refresh(begin), TokenError);
  CHECK_FALSE(files.store.wait_until_in_force(milliseconds(0)));
  CHECK_THROWS_AS(watched.refresh(begin + seconds(60)), TokenError);
  CHECK(files.store.wait_until_in_force(milliseconds(0)));  // it goes by none any more
}

TEST_CASE("changes at once lose nothing") {
  Store files;
  files.store.create("first", reader);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      TokenStore own(files.path);
      for (int i = 0; i < 10; ++i) {
        const std::string name = std::to_string(t) + "-" + std::to_string(i);
        own.create(name, reader);
        if (i % 2 == 1) own.revoke(name);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(files.store.list().size() == 1 + 4 * 5);
}

TEST_CASE("a link to the file stays a link") {
  Store files;
  const std::string link = files.dir.inside("link");
  files.store.create("one", reader);
  fs::create_symlink(files.path, link);
  TokenStore(link).create("two", reader);
  CHECK(fs::is_symlink(link));
  CHECK(files.store.list().size() == 2);
}

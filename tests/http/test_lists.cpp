// Lists under way: a share of them for each token, and none made for a client that is gone.
#include <catch2/catch.hpp>

#include "access/token_store.hpp"
#include "http/accounts.hpp"
#include "tests/http/test_client.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::tests;

namespace {

const std::string list = "GET /v1/sessions";

/// A server that knows two tokens.
struct TwoTokens {
  std::string header(const std::string& name) {
    const std::string token = access::TokenStore(file).create(name, {access::Role::service, ""});
    return "Authorization: Bearer " + token + "\r\n";
  }

  test::TemporaryDirectory dir;
  std::string file = dir.inside("tokens");
  std::string greedy = header("greedy");
  std::string other = header("other");
  TestServer server{{}, http::Auth(file)};
};

}  // namespace

TEST_CASE("a token may have a third as many lists under way as are left, and always one") {
  struct Row {
    std::int64_t left;
    std::size_t lists;
    bool may;
  };
  for (const Row& row : {Row{1280, 0, true}, Row{1280, 425, true}, Row{1280, 426, false},
                         Row{961, 319, true}, Row{960, 320, false}, Row{7, 1, true},
                         Row{7, 2, false}, Row{2, 0, true}, Row{2, 1, false}, Row{1, 0, true}}) {
    INFO(row.left << " left, " << row.lists << " under way");
    http::Account account(access::Role::service);
    account.lists = row.lists;
    CHECK(account.may_list(row.left) == row.may);
  }
}

TEST_CASE("one token has a quarter of all lists, and many leave room for another's") {
  constexpr std::int64_t all = 1280;
  struct Row {
    std::size_t tokens;
    std::size_t each;
  };
  for (const Row& row : {Row{1, 320}, Row{2, 256}, Row{4, 183}, Row{16, 68}, Row{256, 5}}) {
    std::int64_t left = all;
    std::vector<std::unique_ptr<http::Account>> accounts;
    for (std::size_t i = 0; i < row.tokens; ++i) {
      accounts.push_back(std::make_unique<http::Account>(access::Role::service));
    }
    for (bool taken = true; taken;) {
      taken = false;
      for (auto& account : accounts) {
        if (!account->may_list(left)) continue;
        ++account->lists;
        --left;
        taken = true;
      }
    }
    INFO(row.tokens << " tokens, " << left << " left");
    for (const auto& account : accounts) CHECK(account->lists <= row.each);
    CHECK(accounts.front()->lists == row.each);
    CHECK(http::Account(access::Role::service).may_list(left));
    CHECK(left > 0);
  }
}

TEST_CASE("lists beyond the share of a token are refused, and others' are made") {
  TwoTokens two;
  TestServer& server = two.server;
  server.engine->lists_left_in_all = 9;
  server.engine->hold();
  std::vector<std::unique_ptr<Client>> clients;
  const auto ask = [&](const std::string& who) -> Client& {
    Client& client = *clients.emplace_back(std::make_unique<Client>(server.address()));
    client.send(request(list, "", who));
    return client;
  };
  for (int i = 0; i < 3; ++i) ask(two.greedy);
  server.engine->wait_for_queries(3);
  for (int i = 0; i < 2; ++i) {
    const auto refused = ask(two.greedy).receive();
    CHECK(refused.status == 503);
    CHECK(refused.field("retry-after") == "1");
    CHECK_THAT(refused.body, Catch::Contains(R"("code":"unread_answers")"));
  }
  ask(two.other);
  server.engine->wait_for_queries(4);
  // Changes and single entities are no lists.
  CHECK(server.ask("GET /metrics", "", two.greedy).status == 200);
  server.engine->release();
  for (const std::size_t made : {0, 1, 2, 5}) CHECK(clients[made]->receive().status == 200);
  CHECK(clients[3]->exchange(request(list, "", two.greedy)).status == 200);
  CHECK_THAT(server.ask("GET /metrics", "", two.greedy).body,
             Catch::Contains(
                 "toll_limits_reached_total{limit=\"lists_of_principal\",role=\"service\"} 2\n"));
}

TEST_CASE("no list is made for a client that is gone, and one that says no more gets his") {
  TwoTokens two;
  TestServer& server = two.server;
  server.engine->hold();
  Client gone(server.address());
  gone.send(request(list, "", two.greedy));
  Client silent(server.address());
  silent.send(request(list, "", two.greedy));
  silent.end_sending();
  server.engine->wait_for_queries(2);
  gone.tear_down();
  Client asking(server.address());
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto figures = [&] { return asking.exchange(request("GET /metrics", "", two.other)).body; };
  while (figures().find("\ntoll_connections 2\n") == std::string::npos) {
    REQUIRE(std::chrono::steady_clock::now() < give_up);
  }
  server.engine->release();
  CHECK(silent.receive().status == 200);
  CHECK(server.engine->rows.lists_read == 1);
}

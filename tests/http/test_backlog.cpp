// Bytes that wait for clients who do not read: bounded for one, for one token, and in all.
#include <catch2/catch.hpp>

#include "http/backlog.hpp"

using namespace toll;
using http::Backlog;
using http::Limit;

namespace {

constexpr std::size_t mib = 1u << 20;

struct FakeClient final : http::Waiting {
  void close() override {
    share.give_back();
    unlink();
    closed = true;
  }
  Backlog::Share share;
  bool closed = false;
};

}  // namespace

TEST_CASE("a token for which 16 MiB wait gets no further lists, and others do") {
  http::Metrics metrics;
  Backlog answers(Limit::answers, 4096, metrics);
  const auto greedy = std::make_shared<http::Account>(access::Role::service);
  const auto other = std::make_shared<http::Account>(access::Role::service);
  std::vector<Backlog::Share> shares;
  while (!answers.refuse_list(greedy)) shares.emplace_back(answers, greedy, mib);
  CHECK(shares.size() == 16);
  CHECK(answers.refuse_list(greedy) == Limit::answers_of_principal);
  CHECK_FALSE(answers.refuse_list(other));
  CHECK_FALSE(answers.refuse_list(nullptr));
  shares.pop_back();
  CHECK_FALSE(answers.refuse_list(greedy));
  shares.clear();
  CHECK(answers.bytes() == 0);
  CHECK(greedy->waiting_bytes == 0);
}

TEST_CASE("lists stop before there are more bytes than in all there may be") {
  http::Metrics metrics;
  Backlog answers(Limit::answers, 4096, metrics);
  std::vector<Backlog::Share> shares;
  while (!answers.refuse_list(nullptr)) shares.emplace_back(answers, nullptr, mib);
  CHECK(answers.bytes() == 64 * mib);
  CHECK(answers.refuse_list(nullptr) == Limit::answers);
}

TEST_CASE("whoever took nothing for longest is closed for the answers of others") {
  http::Metrics metrics;
  Backlog answers(Limit::answers, 4096, metrics);
  std::vector<std::unique_ptr<FakeClient>> clients;
  const auto answer = [&] {
    FakeClient& client = *clients.emplace_back(std::make_unique<FakeClient>());
    client.share = Backlog::Share(answers, nullptr, mib);
    answers.wait(client, client.share);
  };
  for (int i = 0; i < 56; ++i) answer();
  CHECK(std::none_of(clients.begin(), clients.end(), [](const auto& one) { return one->closed; }));
  answers.wait(*clients[0], clients[0]->share);  // it has taken something
  answer();
  CHECK_FALSE(clients[0]->closed);
  CHECK(clients[1]->closed);
  CHECK_FALSE(clients[2]->closed);
  CHECK(answers.bytes() == 56 * mib);
  // A single answer is never too much.
  FakeClient& large = *clients.emplace_back(std::make_unique<FakeClient>());
  large.share = Backlog::Share(answers, nullptr, 70 * mib);
  answers.wait(large, large.share);
  CHECK_FALSE(large.closed);
  CHECK(answers.bytes() == 70 * mib);
}

TEST_CASE("nobody for whom few bytes wait is closed, however many of them there are") {
  constexpr std::size_t kib = 1024;
  struct Case {
    std::size_t clients;
    std::size_t few;
  };
  for (const Case& it : {Case{1, 8 * kib}, Case{4096, 8 * kib}, Case{32768, kib}}) {
    http::Metrics metrics;
    Backlog answers(Limit::answers, it.clients, metrics);
    FakeClient served;
    served.share = Backlog::Share(answers, nullptr, it.few);
    answers.wait(served, served.share);
    FakeClient deaf;
    deaf.share = Backlog::Share(answers, nullptr, it.few + 1);
    answers.wait(deaf, deaf.share);
    FakeClient large;
    large.share = Backlog::Share(answers, nullptr, 70 * mib);
    answers.wait(large, large.share);
    CHECK_FALSE(served.closed);
    CHECK(deaf.closed);
  }
}

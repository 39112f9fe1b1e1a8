#include <catch2/catch.hpp>

#include "access/token_set.hpp"

using namespace toll::access;

namespace {

const std::string id = "0123456789ab";
const std::string secret = "toll_" + id + "_" + std::string(64, 'c');
const std::string digest = hex(sha256(secret));
const std::string head = "toll-tokens 1\n";
const std::string line = id + " clinic service 2026-01-01T00:00:00Z " + digest;

std::string error_of(const std::string& text) {
  try {
    parse_tokens(text);
    return "";
  } catch (const TokenError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("SHA-256 of the standard's example") {
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a token file is read as it is written") {
  const std::string other =
      "ffff456789ab phone patient:p:1 2026-01-01T00:00:00Z " + std::string(64, '0');
  const std::string text = head + line + "\n" + other + "\n";
  const auto tokens = parse_tokens(text);
  REQUIRE(tokens.size() == 2);
  CHECK(tokens[0].name == "clinic");
  CHECK(tokens[0].principal().name == "service/clinic");
  CHECK(tokens[1].grant == Grant{Role::patient, "p:1"});
  CHECK(tokens[1].principal().name == "patient:p:1/phone");
  CHECK(format_tokens(tokens) == text);
  CHECK(parse_tokens(head).empty());
}

TEST_CASE("what is no token file is refused, and the line is named") {
  const std::string wrong = "line 2 is not ID NAME ROLE CREATED SHA256HEX";
  const auto with = [](std::size_t at, const std::string& word) {
    std::vector<std::string> words{id, "clinic", "service", "2026", digest};
    words[at] = word;
    return head + words[0] + " " + words[1] + " " + words[2] + " " + words[3] + " " + words[4];
  };
  CHECK(error_of(with(0, id)) == "");
  CHECK(error_of("") == "it does not begin with toll-tokens 1");
  CHECK(error_of("toll-tokens 2\n") == "it does not begin with toll-tokens 1");
  CHECK(error_of("clinic " + digest) == "it does not begin with toll-tokens 1");
  CHECK(error_of(head + "\n") == wrong);
  CHECK(error_of(head + line.substr(0, line.size() - 1)) == wrong);
  CHECK(error_of(head + line + " more") == wrong);
  CHECK(error_of(head + line + " ") == wrong);
  CHECK(error_of(with(0, "0123456789AB")) == wrong);
  CHECK(error_of(with(0, "0123456789a")) == wrong);
  CHECK(error_of(with(1, "a:b")) == wrong);
  CHECK(error_of(with(1, "")) == wrong);
  CHECK(error_of(with(2, "root")) == wrong);
  CHECK(error_of(with(3, "")) == wrong);
  CHECK(error_of(with(4, digest.substr(1) + "g")) == wrong);
  CHECK(error_of(head + line + "\n" + line) == "line 3 has the name or the id of an earlier one");
  CHECK(error_of(head + line + "\n" + "ffff" + line.substr(4)) ==
        "line 3 has the name or the id of an earlier one");
}

TEST_CASE("only whole tokens are found") {
  const TokenSet tokens(parse_tokens(head + line));
  REQUIRE(tokens.find(secret));
  CHECK(tokens.find(secret)->name == "service/clinic");
  const std::string none =
      GENERATE_COPY(std::string(), secret + " ", secret.substr(1),
                    secret.substr(0, secret.size() - 1), secret.substr(0, secret.size() - 1) + "d",
                    "TOLL" + secret.substr(4), "toll_1" + secret.substr(6), secret + "c", digest,
                    "toll_" + id, "toll_" + id + "_" + std::string(64, 'C'));
  INFO(none);
  CHECK_FALSE(tokens.find(none));
}

TEST_CASE("among ten thousand tokens each is its own") {
  std::vector<Token> many;
  std::vector<std::string> secrets;
  for (int i = 0; i < 10'000; ++i) {
    const std::string seed = hex(sha256(std::to_string(i)));
    const std::string own = seed.substr(0, token_id_length);
    secrets.push_back("toll_" + own + "_" + hex(sha256(seed)));
    Token token;
    token.id = own;
    token.name = "n" + std::to_string(i);
    token.created = "2026";
    token.digest = sha256(secrets.back());
    many.push_back(std::move(token));
  }
  const TokenSet tokens(parse_tokens(format_tokens(many)));
  REQUIRE(tokens.size() == many.size());
  bool all = true;
  for (int i = 0; i < 10'000; ++i) {
    const auto found = tokens.find(secrets[i]);
    all = all && found && found->name == "read/n" + std::to_string(i);
    std::string mixed = secrets[i];
    mixed.replace(5, token_id_length, many[(i + 1) % 10'000].id);
    all = all && !tokens.find(mixed);
  }
  CHECK(all);
}

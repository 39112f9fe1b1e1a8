// Clients who do not keep to the protocol, or are not there any more: what they do to themselves
// touches neither the books nor anybody else.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "tests/e2e/api.hpp"
#include "tests/support/raw_socket.hpp"

using namespace toll::test;

namespace {

struct Shape {
  std::string why;
  std::string bytes;
};

/// Requests whose end a proxy in front and the server could see at different places: each could
/// hide another request.
std::vector<Shape> ambiguous() {
  const std::string line = "POST /v1/sessions/c1/end HTTP/1.1\r\n";
  const std::string fields = "Host: localhost\r\nContent-Type: application/json\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string chunks = "2\r\n{}\r\n0\r\n\r\n";
  std::vector<Shape> all;
  const auto sized = [&](const std::string& why, const std::string& more) {
    all.push_back({why, line + fields + more + "\r\n{}"});
  };
  const auto coded = [&](const std::string& why, const std::string& more) {
    all.push_back({why, line + fields + more + "\r\n" + chunks});
  };
  const auto in_chunks = [&](const std::string& why, const std::string& body) {
    all.push_back({why, line + fields + chunked + "\r\n" + body});
  };
  coded("length, then encoding", "Content-Length: 2\r\n" + chunked);
  coded("encoding, then length", chunked + "Content-Length: 2\r\n");
  coded("encoding and length 0", chunked + "Content-Length: 0\r\n");
  coded("two encodings", chunked + chunked);
  coded("two different encodings", chunked + "Transfer-Encoding: identity\r\n");
  coded("a list of encodings", "Transfer-Encoding: gzip, chunked\r\n");
  coded("an encoding nobody knows", "Transfer-Encoding: xchunked\r\n");
  coded("an encoding after a control character", "Transfer-Encoding: \vchunked\r\n");
  coded("a quoted encoding", "Transfer-Encoding: \"chunked\"\r\n");
  coded("an empty encoding", "Transfer-Encoding:\r\n");
  coded("a blank before the colon of the encoding", "Transfer-Encoding : chunked\r\n");
  coded("an encoding on the next line", "Transfer-Encoding:\r\n chunked\r\n");
  all.push_back({"an encoding in HTTP/1.0", "POST /v1/sessions/c1/end HTTP/1.0\r\n" + fields +
                                                "Connection: keep-alive\r\n" + chunked + "\r\n" +
                                                chunks});
  sized("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n");
  sized("the same length twice", "Content-Length: 2\r\nContent-Length: 2\r\n");
  sized("a list of lengths", "Content-Length: 2, 2\r\n");
  for (const std::string length : {"+2", "0x2", "-2", "2.0", "", "two", "2 2",
                                   "18446744073709551618", "99999999999999999999999", "1e0"}) {
    sized("length " + length, "Content-Length: " + length + "\r\n");
  }
  sized("a length on the next line", "Content-Length:\r\n 2\r\n");
  sized("a folded field", "X: a\r\n b\r\nContent-Length: 2\r\n");
  sized("a field folded with a tab", "X: a\r\n\tContent-Length: 9\r\nContent-Length: 2\r\n");
  sized("a blank before the colon", "Content-Length : 2\r\n");
  sized("a line that ends with LF", "X: a\nContent-Length: 2\r\n");
  sized("a bare CR", "X: a\rContent-Length: 2\r\n");
  sized("a zero byte in a name", std::string("X\0Y: a\r\nContent-Length: 2\r\n", 27));
  all.push_back(
      {"LF alone", "POST /v1/sessions/c1/end HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n"});
  all.push_back({"a blank before the method", " " + line + fields + "\r\n"});
  all.push_back({"two request lines", line + line + fields + "\r\n"});
  all.push_back({"no host", line + "Content-Length: 0\r\n\r\n"});
  all.push_back({"two hosts", line + fields + "Host: localhost\r\nContent-Length: 0\r\n\r\n"});
  for (const std::string size : {"ffffffffffffffff", "7fffffffffffffff", "10000000000000002",
                                 "fffffff", "0x2", "+2", "-2", " 2", "2 ", "", "g"}) {
    in_chunks("chunk size '" + size + "'", size + "\r\n{}\r\n0\r\n\r\n");
  }
  in_chunks("chunks with LF alone", "2\n{}\n0\n\n");
  in_chunks("LF after a chunk", "2\r\n{}\n0\r\n\r\n");
  in_chunks("LF in a chunk's extension", "2;a\n{}\r\n0\r\n\r\n");
  in_chunks("a chunk longer than it says", "1\r\n{}\r\n0\r\n\r\n");
  in_chunks("a length after the body", "2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n");
  in_chunks("a key after the body", "2\r\n{}\r\n0\r\nIdempotency-Key: k\r\n\r\n");
  all.push_back({"a head without an end", line + fields + "X: " + std::string(20'000, 'x') +
                                              "\r\nContent-Length: 0\r\n\r\n"});
  return all;
}

std::size_t answers_in(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find("HTTP/1.1 "); at != text.npos;
       at = text.find("HTTP/1.1 ", at + 1)) {
    ++count;
  }
  return count;
}

const std::string hidden =
    "POST /v1/sessions/c1/end HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";

std::string keyed_deduction(const std::string& key) {
  return "POST /v1/sessions/c1/deduct HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
         "Idempotency-Key: " +
         key + "\r\n\r\n";
}

}  // namespace

TEST_CASE("a request that ends at two places is refused, and what is behind it is never read") {
  TestServer toll;
  toll.api().grant("s1", "p1", 10);
  toll.api().open("c1", "voice", "p1", "d1");
  const std::uint64_t before = toll.api().last_seq();
  for (const Shape& shape : ambiguous()) {
    INFO(shape.why);
    RawSocket client(toll.server().port());
    client.send(shape.bytes + hidden);
    const std::string& answer = client.receive_to_end();
    INFO(answer);
    CHECK(answer.starts_with("HTTP/1.1 4"));
    CHECK(answers_in(answer) == 1);
    CHECK(answer.find("\r\nConnection: close\r\n") != answer.npos);
  }
  CHECK(toll.api().last_seq() == before);
  CHECK(toll.api().session("c1")["status"] == "active");
}

TEST_CASE("clients who send a byte at a time are cut off, and hold up nobody") {
  TestServer toll({"--request-timeout-s", "1"});
  std::vector<std::unique_ptr<RawSocket>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(std::make_unique<RawSocket>(toll.server().port()));
    const std::string line = "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\n";
    slow.back()->send(i % 2 ? line + "X: " : line + "Content-Length: 60000\r\n\r\n");
  }
  const auto unanswered = [](const auto& client) { return client->received().empty(); };
  for (int round = 0; std::any_of(slow.begin(), slow.end(), unanswered); ++round) {
    REQUIRE(toll.api().client().get("/livez").status == 200);
    for (std::size_t i = 0; i < slow.size(); ++i) {
      // A head may be 16 KiB long and no longer, so it comes more slowly than a body.
      if (i % 2 == 0 || round % 16 == 0) slow[i]->send("x");
    }
  }
  for (const auto& client : slow) {
    const std::string& answer = client->receive_to_end();
    INFO(answer);
    CHECK(answer.starts_with("HTTP/1.1 408 "));
    CHECK(answers_in(answer) == 1);
  }
}

TEST_CASE("half a request, and then nobody: nothing is done") {
  TestServer toll;
  toll.api().grant("s1", "p1", 10);
  toll.api().open("c1", "voice", "p1", "d1");
  const std::uint64_t before = toll.api().last_seq();
  const std::string whole =
      "POST /v1/sessions/c1/end HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 21\r\n\r\n{\"ended_by\":\"doctor\"}";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    RawSocket client(toll.server().port());
    client.send(std::string_view(whole).substr(0, size));
    if (size % 2) client.reset();
  }
  CHECK(toll.api().last_seq() == before);
  CHECK(toll.api().end("c1")["already_ended"] == false);
}

TEST_CASE("an answer that finds nobody: asked for again with its key, the deduction is done once") {
  constexpr int intervals = 150;
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", intervals + 1);
  api.open("c1", "voice", "p1", "d1");
  for (int i = 1; i <= intervals; ++i) {
    api.advance(10 * minute_ms, false);
    const std::string request = keyed_deduction(std::to_string(i));
    for (int attempt = 0; attempt < 3; ++attempt) {
      // Whole or cut short, closed or reset: whether the server has read it is its own affair.
      RawSocket gone(toll.server().port());
      gone.send(request.substr(0, attempt == 1 ? request.size() / 2 : request.size()));
      if ((i + attempt) % 2) gone.reset();
    }
    const auto answer = api.client().raw(request);
    REQUIRE(answer.has_value());
    INFO(answer->body);
    REQUIRE(answer->status == 200);
    REQUIRE(Json::parse(answer->body)["deducted"] == 1);
  }
  CHECK(api.session("c1")["sessions_used"] == intervals);
  CHECK(api.lines("c1").size() == intervals);
  CHECK(api.wallet("d1")["balance"] == intervals * rate);
}

// Requests out of bytes, however the bytes are cut: no socket, no server.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "http/request_reader.hpp"

using namespace toll;
using http::RequestReader;

namespace {

/// The last thing that is found: "nothing", "part", "expects", the status of a rejection, or target
/// and body of a request.
std::string last_found(std::string_view bytes, std::size_t at_a_time) {
  RequestReader reader;
  std::string found = "nothing";
  while (!bytes.empty()) {
    const auto room = reader.room();
    const std::size_t some = std::min({at_a_time, room.size(), bytes.size()});
    std::memcpy(room.data(), bytes.data(), some);
    reader.commit(some);
    bytes.remove_prefix(some);
    while (true) {
      const RequestReader::Result result = reader.look();
      if (const auto* reply = std::get_if<http::Reply>(&result)) {
        return std::to_string(reply->status);
      }
      const RequestReader::Found now = std::get<RequestReader::Found>(result);
      if (now == RequestReader::Found::part) found = "part";
      if (now == RequestReader::Found::expects) found = "expects";
      if (now == RequestReader::Found::head && reader.may_be_long()) {
        reader.limit_body(http::small_body);
      }
      if (now == RequestReader::Found::request) {
        found = std::string(reader.request().target) + " " + std::string(reader.request().body);
        reader.forget();
      }
      if (now != RequestReader::Found::head && now != RequestReader::Found::request) break;
    }
  }
  return found;
}

std::string get_with(std::string_view fields) {
  return "GET /a HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

std::string post_with(std::string_view fields, std::string_view body) {
  return "POST /a HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("a request is read, or rejected, wherever its bytes are cut") {
  struct Case {
    std::string bytes;
    std::string found;
  };
  std::string many_fields;
  for (int i = 0; i < 101; ++i) many_fields += "X: y\r\n";
  const std::vector<Case> cases{
      {"\r\n\r\n", "nothing"},
      {"GET /a HTTP/1.1\r\nHost: h\r\n", "part"},
      {get_with(""), "/a "},
      {"\r\n" + get_with("") + "\r\n" + get_with("") + "\r\n", "/a "},
      {get_with("") + "GE", "part"},
      {post_with("Content-Length: 2\r\n", "ab"), "/a ab"},
      {post_with("Content-Length: 3\r\n", "ab"), "part"},
      {post_with("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n0\r\n\r\n"), "/a ab"},
      {post_with("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), "/a "},
      {post_with("Transfer-Encoding: chunked\r\n", "0\r\nHost: other\r\n\r\n"), "400"},
      {post_with("Transfer-Encoding: gzip\r\n", ""), "400"},
      {post_with("Content-Length: 2\r\nContent-Length: 2\r\n", "ab"), "400"},
      {post_with("Content-Length: 2, 2\r\n", "ab"), "400"},
      {post_with("Content-Length: 65537\r\n", ""), "413"},
      {"GET /a HTTP/1.1\r\n\r\n", "400"},
      {get_with("Host: h\r\n"), "400"},
      {get_with("Authorization: a\r\nAuthorization: b\r\n"), "400"},
      {get_with("X: a\r\n b\r\n"), "400"},
      {get_with(many_fields), "431"},
      {get_with("X: " + std::string(16 * 1024, 'y') + "\r\n"), "431"},
      {"\x16\x03\x01\x02", "400"},
      {get_with("Expect: the unexpected\r\n"), "417"},
      {post_with("Expect: 100-continue\r\nContent-Length: 2\r\n", ""), "expects"},
      {post_with("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab"), "/a ab"},
  };
  for (const Case& it : cases) {
    for (const std::size_t at_a_time : {std::size_t{1}, std::size_t{7}, it.bytes.size()}) {
      CAPTURE(it.bytes.substr(0, 200), at_a_time);
      CHECK(last_found(it.bytes, at_a_time) == it.found);
    }
  }
}

TEST_CASE("a field that may be there once is empty when it is there twice") {
  RequestReader reader;
  const std::string bytes = get_with("Idempotency-Key: a\r\nIdempotency-Key: b\r\nOrigin: o\r\n");
  std::memcpy(reader.room().data(), bytes.data(), bytes.size());
  reader.commit(bytes.size());
  REQUIRE(std::get<RequestReader::Found>(reader.look()) == RequestReader::Found::head);
  REQUIRE(std::get<RequestReader::Found>(reader.look()) == RequestReader::Found::request);
  const http::Request request = reader.request();
  CHECK(request.idempotency_key == "");
  CHECK(request.origin == "o");
  CHECK_FALSE(request.last_event_id);
}

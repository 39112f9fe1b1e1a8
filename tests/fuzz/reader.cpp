// Any bytes for the reader of requests alone: what is read of them must not depend on where they
// are cut, and nothing is read after a rejection.
#include <cstring>

#include "billing/assert.hpp"
#include "http/request_reader.hpp"
#include "tests/fuzz/cut.hpp"

namespace {

using namespace toll;
using http::RequestReader;
using Found = RequestReader::Found;

/// Whole requests in words, then the status of the rejection, if there is one.
using Heard = std::vector<std::string>;

std::string in_words(const http::Request& request) {
  std::string words = std::to_string(static_cast<int>(request.method));
  const auto add = [&words](std::string_view text) { words.append(1, '|').append(text); };
  add(request.target);
  add(request.body);
  add(request.content_type);
  add(request.authorization);
  add(request.request_id);
  for (const auto& field :
       {request.host, request.origin, request.idempotency_key, request.last_event_id}) {
    add(field ? *field : "-");
  }
  return words;
}

/// False when nothing further can be read.
bool look(RequestReader& reader, Heard& heard) {
  while (true) {
    const RequestReader::Result result = reader.look();
    if (const auto* reply = std::get_if<http::Reply>(&result)) {
      heard.push_back(std::to_string(reply->status));
      return false;
    }
    const Found found = std::get<Found>(result);
    if (found == Found::nothing || found == Found::part || found == Found::expects) return true;
    TOLL_ASSERT(reader.has_head());
    if (found == Found::head) {
      if (reader.may_be_long()) reader.limit_body(http::small_body);
      continue;
    }
    TOLL_ASSERT(reader.request().body.size() <= http::small_body);
    heard.push_back(in_words(reader.request()));
    if (!reader.framing().keep_alive) return false;
    reader.forget();
  }
}

Heard read(const std::vector<std::string_view>& pieces) {
  RequestReader reader;
  Heard heard;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const auto room = reader.room();
      const std::size_t some = std::min(room.size(), piece.size());
      TOLL_ASSERT(some > 0);
      std::memcpy(room.data(), piece.data(), some);
      reader.commit(some);
      piece.remove_prefix(some);
      if (!look(reader, heard)) return heard;
    }
  }
  // Half a request at the end of the connection is rejected, too.
  if (std::get<Found>(reader.look()) != Found::nothing) heard.emplace_back("400");
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  TOLL_ASSERT(read({bytes}) == read(tests::cut(bytes)));
  return 0;
}

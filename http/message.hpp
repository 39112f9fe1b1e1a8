// HTTP/1.1 framing of answers, and the checks of a request head that Beast leaves to us.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/reply.hpp"

namespace toll::http {

/// How an answer is framed: what the request said about the connection.
struct Framing {
  bool keep_alive = false;
  bool http_1_0 = false;  ///< such a client must be told that the connection stays open
  bool head = false;      ///< the answer to HEAD has no body
};

/// Replaces `out` by the whole answer as it goes over the wire. `headers`: further lines.
void frame(std::string& out, const Reply& reply, std::string_view request_id, Framing framing,
           std::string_view headers = {});

/// The same for the head of an answer without an end: chunked, or to a client of HTTP/1.0 until the
/// connection closes.
void frame_stream(std::string& out, std::string_view content_type, std::string_view request_id,
                  Framing framing, std::string_view headers = {});

/// One part of a chunked answer.
std::string chunk(std::string_view text);

/// Whether what has come so far can still become a request: tells garbage from a slow client
/// without waiting for the end of the head.
bool may_become_request(std::string_view received);

/// Whether a line of the head, as far as it has come, is the continuation of the one before it:
/// what RFC 9112 calls obsolete, and not every proxy reads as one field.
bool has_folded_line(std::string_view received);

}  // namespace toll::http

#include "http/message.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "http/status.hpp"

namespace toll::http {

namespace {

constexpr std::string_view nosniff = "X-Content-Type-Options: nosniff\r\n";

/// `Date: ...` for this second; made once a second, on the io thread.
std::string_view date_line() {
  thread_local std::time_t made_at = 0;
  thread_local char line[48];
  thread_local std::size_t length = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    length = std::strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    made_at = now;
  }
  return {line, length};
}

}  // namespace

void frame(std::string& out, const Reply& reply, std::string_view request_id, Framing framing,
           std::string_view headers) {
  out = "HTTP/1.1 ";
  out += std::to_string(reply.status);
  out += ' ';
  out += phrase(reply.status);
  out += "\r\n";
  out += date_line();
  if (reply.status != no_content) {
    out += "Content-Type: ";
    out += reply.content_type;
    out += "\r\nContent-Length: ";
    out += std::to_string(reply.body.size() + reply.stored.size());
    out += "\r\n";
  }
  out += "Cache-Control: ";
  out += reply.cache_control;
  out += "\r\n";
  out += nosniff;
  out += "X-Request-Id: ";
  out += request_id;
  out += "\r\n";
  out += reply.headers;
  out += headers;
  if (!framing.keep_alive) {
    out += "Connection: close\r\n";
  } else if (framing.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (!framing.head) out += reply.body;
}

void frame_stream(std::string& out, std::string_view content_type, std::string_view request_id,
                  Framing framing, std::string_view headers) {
  out = "HTTP/1.1 200 OK\r\n";
  out += date_line();
  out += "Content-Type: ";
  out += content_type;
  // nginx, and proxies that follow it, would otherwise keep events until a buffer is full.
  out += "\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n";
  out += nosniff;
  out += "X-Request-Id: ";
  out += request_id;
  out += "\r\n";
  out += headers;
  out += framing.http_1_0 ? "Connection: close\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(std::string_view text) {
  char size[16];
  std::string out(size, std::to_chars(size, size + sizeof size, text.size(), 16).ptr);
  out += "\r\n";
  out += text;
  out += "\r\n";
  return out;
}

bool may_become_request(std::string_view received) {
  const std::size_t end = received.find('\n');
  const std::string_view line = received.substr(0, end);
  const auto text = [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\r'; };
  if (!std::all_of(line.begin(), line.end(), text)) return false;
  return end == std::string_view::npos || line.find(" HTTP/1.") != std::string_view::npos;
}

bool has_folded_line(std::string_view received) {
  while (!received.empty() && !received.starts_with("\r\n")) {
    const std::size_t end = received.find('\n');
    if (end == std::string_view::npos) return false;
    received.remove_prefix(end + 1);
    if (received.starts_with(' ') || received.starts_with('\t')) return true;
  }
  return false;
}

}  // namespace toll::http

#include "bench/http/requests.hpp"

#include <charconv>

namespace toll::bench {

void put_request(std::string& bytes, std::string_view method, std::string_view target,
                 std::string_view body) {
  bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (!body.empty()) {
    bytes.append("Content-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n");
  }
  bytes.append("\r\n").append(body);
}

std::int64_t read_number(std::string_view body, std::string_view field) {
  std::size_t at = 0;
  while ((at = body.find(field, at)) != std::string_view::npos) {
    const std::size_t end = at + field.size();
    if (at > 0 && body[at - 1] == '"' && body.substr(end, 2) == "\":") {
      std::int64_t value = -1;
      std::from_chars(body.data() + end + 2, body.data() + body.size(), value);
      return value;
    }
    at = end;
  }
  return -1;
}

}  // namespace toll::bench

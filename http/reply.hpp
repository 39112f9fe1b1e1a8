// An answer as the routes make it: the connection adds the status line and the framing.
#pragma once

#include <string>
#include <string_view>

namespace toll::http {

struct Reply {
  unsigned status = 200;
  std::string body{};
  std::string_view content_type = "application/json";
  std::string headers{};                        ///< further header lines, each with its CRLF
  std::string_view cache_control = "no-store";  ///< money and health are nobody else's to keep
  std::string_view code{};    ///< of a problem: part of the program, or of the refusal's name
  std::string_view stored{};  ///< follows the body: text that is part of the program
};

}  // namespace toll::http

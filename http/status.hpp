// Every status that the server answers with: framing and metrics read the same table.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "billing/assert.hpp"

namespace toll::http {

struct Status {
  unsigned code;
  std::string_view phrase;  ///< the standard one
};

inline constexpr std::array statuses{
    Status{200, "OK"},
    Status{201, "Created"},
    Status{204, "No Content"},
    Status{302, "Found"},
    Status{400, "Bad Request"},
    Status{401, "Unauthorized"},
    Status{402, "Payment Required"},
    Status{403, "Forbidden"},
    Status{404, "Not Found"},
    Status{405, "Method Not Allowed"},
    Status{408, "Request Timeout"},
    Status{409, "Conflict"},
    Status{413, "Content Too Large"},
    Status{415, "Unsupported Media Type"},
    Status{417, "Expectation Failed"},
    Status{421, "Misdirected Request"},
    Status{422, "Unprocessable Content"},
    Status{429, "Too Many Requests"},
    Status{431, "Request Header Fields Too Large"},
    Status{503, "Service Unavailable"},
};

inline constexpr unsigned no_content = 204;  ///< such an answer has no body, and so no length

/// Where `code` stands in the table, which it does.
inline std::size_t place_of(unsigned code) {
  const auto* const found = std::find_if(statuses.begin(), statuses.end(),
                                         [&](const Status& status) { return status.code == code; });
  TOLL_ASSERT(found != statuses.end());
  return static_cast<std::size_t>(found - statuses.begin());
}

inline std::string_view phrase(unsigned code) { return statuses[place_of(code)].phrase; }

}  // namespace toll::http

// Content-Type, as far as this server cares.
#pragma once

#include <string_view>

namespace toll::http {

/// `application/json` in any case, with or without parameters.
bool is_json(std::string_view content_type);

}  // namespace toll::http

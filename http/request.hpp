// A request, as it was read: whole, or its head alone.
#pragma once

#include <optional>
#include <string_view>

#include "http/router.hpp"

namespace toll::http {

/// The views live as long as what read it keeps it.
struct Request {
  Method method = Method::other;
  std::string_view target;
  std::string_view body;
  std::string_view content_type;
  std::string_view authorization;
  std::string_view request_id;
  std::optional<std::string_view> host{};             ///< empty when the client sent several
  std::optional<std::string_view> origin{};           ///< the same
  std::optional<std::string_view> idempotency_key{};  ///< the same
  std::optional<std::string_view> last_event_id{};    ///< the same
};

}  // namespace toll::http

// Host and Origin fields that can only mean this machine: what a server without tokens goes by.
#pragma once

#include <string_view>

namespace toll::http {

/// `host` is a loopback name or address, with or without a port: `localhost`, names below it,
/// 127.0.0.0/8, [::1].
bool is_loopback_host(std::string_view host);

/// `origin` is of a page that this server shows: on loopback, and at the port that the Host field
/// `host` names.
bool is_own_origin(std::string_view origin, std::string_view host);

}  // namespace toll::http

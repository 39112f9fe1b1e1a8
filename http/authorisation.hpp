// Who may call which route. What can only be known where the session or the subscription is known,
// the actor or the rows decide: the ask carries the person whom alone it may concern.
#pragma once

#include "access/principal.hpp"
#include "http/router.hpp"

namespace toll::http {

/// `id` is the one in the path, if there is one; `action` is what the route made of the request.
bool may_call(const access::Principal& principal, const Route& route, const std::string& id,
              const Action& action);

}  // namespace toll::http

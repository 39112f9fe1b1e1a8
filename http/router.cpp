#include "http/router.hpp"

#include <algorithm>

#include "http/routes.hpp"

namespace toll::http {

namespace {

constexpr std::string_view id_segment = "{id}";
constexpr std::string_view clock_path = "/v1/test/clock";  ///< there only with a test clock

constexpr std::array table{
    Route{Method::post, "/v1/sessions/{id}/deduct", deduct_units, Door::write, Takes::body,
          Concerns::both},
    Route{Method::get, "/v1/sessions/{id}", get_session, Door::read, Takes::nothing,
          Concerns::both},
    Route{Method::post, "/v1/sessions/{id}/end", end_session, Door::end, Takes::body,
          Concerns::both},
    Route{Method::post, "/v1/sessions", start_session, Door::write, Takes::body, Concerns::patient},
    Route{Method::get, "/v1/sessions", list_sessions, Door::read, Takes::query, Concerns::both},
    Route{Method::post, "/v1/sessions/{id}/messages", send_message, Door::write, Takes::body,
          Concerns::both},
    Route{Method::post, "/v1/sessions/{id}/activate", activate_session, Door::write, Takes::nothing,
          Concerns::doctor},
    Route{Method::get, "/v1/sessions/{id}/statement", get_statement, Door::read, Takes::query,
          Concerns::both},
    Route{Method::put, "/v1/subscriptions/{id}", put_subscription, Door::write, Takes::large_body},
    Route{Method::get, "/v1/subscriptions/{id}", get_subscription, Door::read, Takes::nothing,
          Concerns::patient},
    Route{Method::patch, "/v1/subscriptions/{id}", patch_subscription, Door::write,
          Takes::large_body},
    Route{Method::post, "/v1/subscriptions/{id}/topups", top_up_subscription, Door::write,
          Takes::body},
    Route{Method::get, "/v1/patients/{id}/balance", get_balance, Door::read, Takes::nothing,
          Concerns::patient_in_path},
    Route{Method::put, "/v1/doctors/{id}", put_doctor, Door::write, Takes::body},
    Route{Method::get, "/v1/doctors/{id}/wallet", get_wallet, Door::read, Takes::nothing,
          Concerns::doctor_in_path},
    Route{Method::get, "/v1/doctors/{id}/wallet/entries", list_entries, Door::read, Takes::query,
          Concerns::doctor_in_path},
    Route{Method::post, "/v1/doctors/{id}/withdrawals", request_withdrawal, Door::write,
          Takes::body, Concerns::doctor_in_path},
    Route{Method::post, "/v1/withdrawals/{id}/approve", approve_withdrawal, Door::write},
    Route{Method::post, "/v1/withdrawals/{id}/reject", reject_withdrawal, Door::write},
    Route{Method::post, "/v1/withdrawals/{id}/pay", pay_withdrawal, Door::write},
    Route{Method::post, "/v1/sessions/{id}/refunds", refund_units, Door::write, Takes::body},
    Route{Method::post, "/v1/deductions", deduct_batch, Door::write, Takes::large_body},
    Route{Method::get, "/v1/events", list_events, Door::read, Takes::query},
    Route{Method::get, "/v1/events/stream", stream_events, Door::read, Takes::query},
    Route{Method::get, clock_path, get_clock, Door::read},
    Route{Method::post, clock_path, advance_clock, Door::write, Takes::body, Concerns::clock},
    Route{Method::get, "/livez", get_livez, Door::open},
    Route{Method::get, "/openapi.json", get_openapi, Door::open},
    // What these two say is known to the service, not to the engine.
    Route{Method::get, "/readyz", nullptr, Door::open, Takes::query},
    Route{Method::get, "/metrics", nullptr, Door::read},
    // For people: no part of the API, and so not in the document.
    Route{Method::get, "/docs", get_docs, Door::open},
    Route{Method::get, "/", get_root, Door::open},
    Route{Method::get, "/docs/", get_docs_directory, Door::open},
    Route{Method::get, "/docs/{id}", get_docs_file, Door::open},
};

/// Whether the path of `route` fits; `id` is set where the route has one.
bool fits(const Route& route, const Target& target, const std::string*& id) {
  if (target.count == 0) return route.path == "/";
  std::string_view rest = route.path;
  for (std::size_t i = 0; i < target.count; ++i) {
    if (rest.empty()) return false;
    rest.remove_prefix(1);
    const std::string_view expected = rest.substr(0, rest.find('/'));
    if (expected == id_segment) {
      id = &target.segments[i];
    } else if (expected != target.segments[i]) {
      return false;
    }
    rest.remove_prefix(expected.size());
  }
  return rest.empty();
}

}  // namespace

std::string_view name(Method method) {
  static constexpr std::array<std::string_view, 6> names{"GET",  "PUT",     "PATCH",
                                                         "POST", "OPTIONS", "other"};
  return names[static_cast<std::size_t>(method)];
}

std::span<const Route> routes() { return table; }

Match match(Method method, const Target& target, bool has_test_clock) {
  Match match;
  for (const Route& route : table) {
    if (!has_test_clock && route.path == clock_path) continue;
    const std::string* id = nullptr;
    if (!fits(route, target, id)) continue;
    if (route.method == method) return {&route, id, {}};
    if (match.allowed.find(name(route.method)) != std::string::npos) continue;
    match.allowed += name(route.method);
    match.allowed += route.method == Method::get ? ", HEAD, " : ", ";
  }
  if (!match.allowed.empty()) match.allowed += name(Method::options);
  return match;
}

}  // namespace toll::http

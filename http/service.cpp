#include "http/service.hpp"

#include <algorithm>

#include "http/authorisation.hpp"
#include "http/idempotency.hpp"
#include "http/json_reader.hpp"
#include "http/json_writer.hpp"
#include "http/loopback_host.hpp"
#include "http/media_type.hpp"
#include "http/problem.hpp"
#include "http/query_reader.hpp"
#include "http/server_id.hpp"
#include "http/status.hpp"

namespace toll::http {

namespace {

constexpr std::size_t max_request_id = 128;

const std::string no_id;

Reply show_methods(std::string_view allowed) {
  return Reply{.status = no_content, .headers = "Allow: " + std::string(allowed) + "\r\n"};
}

bool usable_request_id(std::string_view id) {
  return !id.empty() && id.size() <= max_request_id &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

Service::Service(actors::Engine& engine, Auth& auth, Metrics& metrics, const RateLimits& limits)
    : engine_(engine),
      auth_(auth),
      metrics_(metrics),
      id_prefix_(make_server_id(0).substr(10, 8) + "-") {
  if (limits.each.per_second > 0) limiter_.emplace(limits.each);
  const access::RateLimit person = access::stricter(limits.each, limits.person);
  if (person.per_second > 0) person_limiter_.emplace(person);
}

std::size_t Service::body_limit(Method method, std::string_view text) const {
  const auto target = parse_target(text);
  if (!target) return small_body;
  const Match match = http::match(method, *target, engine_.has_test_clock());
  return match.route ? match.route->body_limit() : small_body;
}

bool Service::is_urgent(std::string_view target, std::string_view authorization) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path == "/livez" || path == "/readyz" || knows(authorization);
}

void Service::open(Pending& pending, std::string_view request_id) {
  ++requests_;
  if (usable_request_id(request_id)) {
    pending.request_id = request_id;
  } else {
    pending.request_id = id_prefix_;
    pending.request_id += std::to_string(requests_);
  }
  pending.principal = nullptr;
  pending.headers.clear();
  pending.route = Metrics::unmatched();
  pending.since = std::chrono::steady_clock::now();
}

Action Service::begin(const Request& request, Pending& pending) {
  open(pending, request.request_id);
  Action action = routed(request, pending);
  if (const auto* ask = std::get_if<AskEngine>(&action)) pending.render = ask->render;
  return action;
}

Action Service::routed(const Request& request, Pending& pending) {
  const auto target = parse_target(request.target);
  if (!target) {
    return invalid_request(
        "The target of the request is malformed, or has a segment . or .. in it.");
  }
  if (auto refusal = refusal_of_foreigners(request, *target)) return std::move(*refusal);
  const Match match = http::match(request.method, *target, engine_.has_test_clock());
  if (request.method == Method::options) {
    return match.allowed.empty() ? no_such_route() : show_methods(match.allowed);
  }
  const bool open = match.route && match.route->door == Door::open;
  if (!open) {
    pending.principal = auth_.identify(request.authorization);
    if (!pending.principal) return unknown(request);
    if (auto refusal = limited(pending)) return std::move(*refusal);
  }
  const access::Principal* const principal = pending.principal.get();
  if (!match.route) {
    return match.allowed.empty() ? no_such_route() : method_not_allowed(match.allowed);
  }
  const Route& route = *match.route;
  pending.route = static_cast<std::size_t>(&route - routes().data());
  const std::string& id = match.id ? *match.id : no_id;
  const auto only_for = principal ? principal->person() : std::nullopt;
  Action action = call(route, *target, match.id, request, only_for);
  if (const auto* reply = std::get_if<Reply>(&action); reply && reply->status >= 400) return action;
  if (!open && !may_call(*principal, route, id, action)) return forbidden();
  if (!open && !route.handler) return figures();
  if (std::holds_alternative<Reply>(action)) return action;
  if (auto* ask = std::get_if<AskEngine>(&action)) ask->only_for = only_for;
  const bool list = std::holds_alternative<AskRows>(action);
  if (auto refusal = refusal_at_the_door(route.door, list)) return std::move(*refusal);
  if (auto* ask = std::get_if<AskEngine>(&action); ask && route.method != Method::get) {
    if (request.idempotency_key) {
      ask->cause =
          cause_of(principal->name, *request.idempotency_key, route.method, *target, request.body);
    }
  }
  return action;
}

/// The first who is refused though he may be somebody begins an outage; look() ends it.
Reply Service::unknown(const Request& request) {
  if (!auth_.unreadable(request.authorization)) return unauthenticated();
  if (auth_.refuses_tokens()) engine_.refuse_callers(true);
  return tokens_unreadable();
}

/// Without tokens whoever reaches the server may do everything, and a browser on this machine
/// reaches it for every page that it shows: under any name that is made to mean this address.
std::optional<Reply> Service::refusal_of_foreigners(const Request& request, const Target& target) {
  if (auth_.tells_apart()) return std::nullopt;
  if (request.host && request.host != known_host_) {
    if (!is_loopback_host(*request.host)) return misdirected();
    known_host_ = *request.host;
  }
  if (!target.authority.empty() && !is_loopback_host(target.authority)) return misdirected();
  if (request.origin && !is_own_origin(*request.origin, request.host.value_or(""))) {
    return foreign_origin();
  }
  return std::nullopt;
}

Action Service::call(const Route& route, const Target& target, const std::string* id,
                     const Request& request, const std::optional<billing::Person>& only_for) {
  if (id && !billing::valid_id(*id)) {
    return invalid_request(
        "The id in the path must be 1 to 64 characters from A-Z a-z 0-9 . _ : -.");
  }
  if (!request.body.empty() && !is_json(request.content_type)) return unsupported_media_type();
  if (request.idempotency_key && route.method != Method::get &&
      !usable_idempotency_key(*request.idempotency_key)) {
    return invalid_request(
        "Idempotency-Key must be there once, with 1 to 255 characters of printable ASCII.");
  }
  if (route.takes != Takes::query) {
    if (const auto error = QueryReader(target.parameters).finish()) return invalid_request(*error);
  }
  if (!route.takes_body() && !request.body.empty()) {
    if (const auto error = BodyReader(request.body).finish()) return invalid_request(*error);
  }
  if (route.handler) {
    return route.handler({id ? *id : no_id, target.parameters, request.body, request.last_event_id,
                          engine_, only_for});
  }
  if (route.door == Door::open) return readiness(target.parameters);
  return Reply{};  // figures() are written once it is known who asks
}

Reply Service::readiness(const std::vector<Parameter>& parameters) const {
  QueryReader query(parameters);
  const bool strict = query.flag("strict");
  if (const auto& error = query.finish()) return invalid_request(*error);
  if (draining_) return unavailable("shutting_down", "The server is shutting down.");
  const std::vector<actors::Degraded> reasons = engine_.degraded();
  if (reasons.empty()) return Reply{.body = R"({"status":"ready"})"};
  if (strict) {
    return unavailable(name(reasons.front()), "The server does not do all that it should.");
  }
  Reply reply;
  JsonWriter json(reply.body);
  json.begin_object().field("status", "degraded").field("reason", name(reasons.front()));
  json.end_object();
  return reply;
}

void Service::look() {
  if (!auth_.refuses_tokens()) engine_.refuse_callers(false);
  const std::vector<actors::Degraded> now = engine_.degraded();
  const auto tell = [](const auto& reasons, const auto& others, LogLevel level, const char* what) {
    for (const actors::Degraded reason : reasons) {
      if (std::find(others.begin(), others.end(), reason) != others.end()) continue;
      log(level, what, {{"reason", name(reason)}});
    }
  };
  tell(now, degraded_, LogLevel::error, "degraded");
  tell(degraded_, now, LogLevel::info, "not_degraded");
  degraded_ = now;
}

Reply Service::figures() {
  metrics_.set_tokens_unreadable(auth_.unreadable_for());
  return Reply{.body = metrics_.text(engine_.stats(), engine_.degraded(), connections_),
               .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

std::optional<Reply> Service::limited(Pending& pending) {
  auto& limiter = is_person(pending.principal->grant.role) ? person_limiter_ : limiter_;
  if (!limiter) return std::nullopt;
  const auto taken = limiter->take(pending.principal->name, std::chrono::steady_clock::now());
  const auto line = [&](std::string_view name, std::int64_t value) {
    pending.headers.append(name).append(std::to_string(value)).append("\r\n");
  };
  line("RateLimit-Limit: ", taken.limit);
  line("RateLimit-Remaining: ", taken.remaining);
  line("RateLimit-Reset: ", taken.reset_s);
  if (taken.granted) return std::nullopt;
  line("Retry-After: ", taken.retry_after_s);
  metrics_.limit_reached(Limit::rate, pending.principal->grant.role);
  return problem(429, "rate_limited", "Too many requests come with this token.");
}

std::optional<Reply> Service::refusal_at_the_door(Door door, bool list) const {
  if (const auto why = door == Door::read ? std::nullopt : engine_.refuses_changes()) {
    if (door == Door::end && engine_.takes_ends()) return std::nullopt;
    return unavailable(name(*why),
                       "Nothing can be changed while the disk is full or does not keep up, or an "
                       "outage is made up for.");
  }
  if (!engine_.has_capacity() || (list && engine_.lists_left() <= 0)) {
    return unavailable("overloaded", "The server has too much to do at the moment.");
  }
  return std::nullopt;
}

bool Service::refuses_list(const AccountPtr& account) {
  if (!account || account->may_list(engine_.lists_left())) return false;
  metrics_.limit_reached(Limit::lists_of_principal, account->role);
  return true;
}

Reply Service::answer(const Pending& pending, const actors::Answer& answer) const {
  if (const auto* refusal = std::get_if<billing::Refusal>(&answer)) return refused(*refusal);
  if (const auto* later = std::get_if<actors::RefusedForNow>(&answer)) return refused(*later);
  if (std::holds_alternative<actors::Unavailable>(answer)) {
    return draining_ ? unavailable("shutting_down", "The server is shutting down.")
                     : unavailable("unavailable", "The server could not take the request.");
  }
  Reply reply = pending.render(answer, engine_);
  if (is_replayed(answer)) {
    reply.headers += "Idempotency-Replayed: true\r\n";
    metrics_.replayed();
  }
  return reply;
}

void Service::ended(const Pending& pending, const Reply& reply) {
  const unsigned status = reply.status;
  if (!reply.code.empty()) metrics_.refused(reply.code);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - pending.since;
  metrics_.request(pending.route, status, took.count());
  const LogLevel level = status >= 500 ? LogLevel::warn : LogLevel::debug;
  if (!logs(level) || (status >= 500 && !failures_.take(std::chrono::steady_clock::now()))) return;
  const bool matched = pending.route < routes().size();
  log(level, "request",
      {{"request_id", std::string_view(pending.request_id)},
       {"method", matched ? name(routes()[pending.route].method) : "any"},
       {"route", matched ? routes()[pending.route].path : "unmatched"},
       {"status", std::int64_t{status}},
       {"seconds", took.count()}});
}

}  // namespace toll::http

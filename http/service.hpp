// Requests in, answers out, without a socket: routing, validation, authentication, the door, and
// the books (metrics and log). On the io thread only.
#pragma once

#include <chrono>

#include "access/rate_limiter.hpp"
#include "http/accounts.hpp"
#include "http/action.hpp"
#include "http/auth.hpp"
#include "http/log.hpp"
#include "http/metrics.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

namespace toll::http {

/// How many requests each principal may send. A patient or a doctor may not send more than anybody.
struct RateLimits {
  access::RateLimit each{};
  access::RateLimit person{};
};

/// What is remembered of a request until it is answered.
struct Pending {
  std::size_t route = 0;
  Render render = nullptr;
  std::string headers;     ///< further lines of the answer: its rate limit
  std::string request_id;  ///< the client's, or made here
  access::PrincipalPtr
      principal;  ///< whose request it is; null where nobody was asked for or known
  std::chrono::steady_clock::time_point since;
};

class Service {
 public:
  /// All three outlive the service.
  Service(actors::Engine& engine, Auth& auth, Metrics& metrics, const RateLimits& limits);

  /// How long a body may be, asked only for those that are longer than small_body.
  std::size_t body_limit(Method method, std::string_view target) const;

  /// Decides what to do, in the order of the refusals: a malformed target, 401, 400, 403, 404, then
  /// what the engine says. Nothing that costs anything is done for somebody who is not known.
  /// Keeps no view of the request.
  Action begin(const Request& request, Pending& pending);

  /// Whether a request with this header would still come from somebody known.
  bool knows(std::string_view authorization) { return identify(authorization) != nullptr; }

  /// Whose request with this header would be; null for nobody known.
  access::PrincipalPtr identify(std::string_view authorization) {
    return auth_.identify(authorization);
  }

  /// Whether a request is served also when all connections are taken.
  bool is_urgent(std::string_view target, std::string_view authorization);

  /// Prepares `pending` for a request that may turn out to be unreadable.
  void open(Pending& pending, std::string_view request_id = {});

  /// Whether a list that begin() let in is one too many for this account, null for nobody's.
  bool refuses_list(const AccountPtr& account);

  /// The answer to a command that was handed to the engine.
  Reply answer(const Pending& pending, const actors::Answer& answer) const;

  /// Called once for each request, when its answer is about to be sent.
  void ended(const Pending& pending, const Reply& reply);

  actors::Engine& engine() { return engine_; }
  void drain() { draining_ = true; }  ///< from now on the server is not ready
  void set_connections(std::size_t connections) { connections_ = connections; }

  /// Called a few times a second: tells the engine when tokens are no longer refused, and the log
  /// when it begins and ends to be degraded.
  void look();

 private:
  /// An overload must not drown the log, or slow the server down by logging.
  static constexpr std::size_t max_failures_a_second = 20;

  Action routed(const Request& request, Pending& pending);
  std::optional<Reply> refusal_of_foreigners(const Request& request, const Target& target);
  Action call(const Route& route, const Target& target, const std::string* id,
              const Request& request, const std::optional<billing::Person>& only_for);
  std::optional<Reply> limited(Pending& pending);
  Reply unknown(const Request& request);
  Reply figures();
  Reply readiness(const std::vector<Parameter>& parameters) const;
  std::optional<Reply> refusal_at_the_door(Door door, bool list) const;

  actors::Engine& engine_;
  Auth& auth_;
  Metrics& metrics_;
  std::optional<access::RateLimiter> limiter_;
  std::optional<access::RateLimiter> person_limiter_;
  bool draining_ = false;
  std::size_t connections_ = 0;
  std::vector<actors::Degraded> degraded_;  ///< as the log was told last
  std::optional<std::string> known_host_;   ///< the last one that named this machine
  std::string id_prefix_;  ///< tells the request ids of this run from those of others
  std::uint64_t requests_ = 0;
  LogBudget failures_{max_failures_a_second};
};

}  // namespace toll::http

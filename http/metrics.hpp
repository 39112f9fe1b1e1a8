// Figures for Prometheus. Made before the engine, which reports through the callbacks.
#pragma once

#include <chrono>
#include <ctime>
#include <memory>
#include <optional>
#include <string_view>

#include "access/principal.hpp"
#include "actors/engine.hpp"
#include "http/limit.hpp"

namespace toll::http {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// The number of a request that fits no route.
  static std::size_t unmatched();

  /// One answered request; `route` is its number in routes(). On the io thread only.
  void request(std::size_t route, unsigned status, double seconds);

  /// One answer with this code of a problem. On the io thread only, as the next one.
  void refused(std::string_view code);
  /// One answer that was given before, to the same key.
  void replayed();

  void group_written(const persistence::GroupWritten& group);  ///< from any thread
  void timer_fired(billing::Instant lateness_ms);              ///< from any thread
  void clock_stepped(billing::Instant by_ms);                  ///< from any thread

  void set_streams(std::size_t open);  ///< on the io thread only
  void stream_dropped();               ///< the same

  /// One of `tokens`, `jwt_keys` and `certificate` was to be read again and cannot be used. On the
  /// io thread only, as the next one.
  void file_unusable(std::string_view file);
  void set_tokens_unreadable(std::chrono::steady_clock::duration so_long);
  void set_certificate_expiry(std::time_t until);
  /// By somebody in this role; none: whoever has not said yet who they are. From any thread.
  void limit_reached(Limit limit, std::optional<access::Role> role = std::nullopt);
  void set_waiting_bytes(std::size_t answers, std::size_t requests);  ///< on the io thread only

  /// The text that Prometheus reads. On the io thread only.
  std::string text(const actors::EngineStats& stats, const std::vector<actors::Degraded>& degraded,
                   std::size_t connections);

 private:
  struct Figures;
  std::unique_ptr<Figures> figures_;
};

}  // namespace toll::http

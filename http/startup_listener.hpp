// Answers while a start recovers: whoever asks is told that the server lives, and is not ready.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "http/server.hpp"

namespace toll::http {

class StartupListener {
 public:
  /// Answers on a thread of its own, until destruction: `/livez` 200, everything else 503
  /// `recovering`. Throws TlsError.
  StartupListener(const ServerOptions& options, const ListeningSocket& socket);
  ~StartupListener();

  /// What the answers say of how far it is: `done` of `all`. From any thread.
  void progress(std::string_view what, std::uint64_t done, std::uint64_t all);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::http

// How an operator reaches a running server's clock: a file in its data directory, so that only who
// may write there can, without a token and on a server that is not ready. The file is the request
// and, written behind it, the answer. It counts only while who made it holds a lock on it: nobody
// is obeyed who has gone away.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "billing/types.hpp"

namespace toll::persistence {

enum class ClockWord : std::uint8_t {
  show,
  accept,  ///< the wall clock as it is, whether it is ahead or behind
  resume   ///< server time runs on ahead of a wall clock that is behind
};

/// How server time stands to the wall clock.
struct ClockStanding {
  bool done = false;  ///< what was asked for
  billing::Instant now = 0;
  billing::Instant ahead_ms = 0;   ///< of the wall clock; negative: behind
  billing::Instant astray_ms = 0;  ///< the wall clock is that far ahead and not followed; 0: it is
  billing::Instant offset_ms = 0;  ///< server time is meant to be ahead of it
  bool operator==(const ClockStanding&) const = default;
};

/// The server's side. Every function leaves a file that is no request, or nobody waits for, alone
/// or removes it; none throws.
class ClockRequest {
 public:
  /// The request in this data directory, if there is one: it is taken out of it.
  static std::optional<ClockRequest> take(const std::string& directory);
  ClockRequest(ClockRequest&& other) noexcept;
  ClockRequest& operator=(ClockRequest&&) = delete;
  ~ClockRequest();

  ClockWord word() const { return word_; }
  void answer(const ClockStanding& standing) const;

 private:
  ClockRequest(int file, ClockWord word) : file_(file), word_(word) {}

  int file_;
  ClockWord word_;
};

struct ClockRequestError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The operator's side: asks the server that uses this data directory, and waits for its answer.
/// Throws ClockRequestError if the directory may not be written, or nobody answers.
ClockStanding ask_clock(const std::string& directory, ClockWord word,
                        std::chrono::milliseconds patience);

}  // namespace toll::persistence

// Bytes that wait in memory for clients: of answers until they are taken, of requests until they
// are whole. They are bounded in all, because memory is; when there are too many, whoever has taken
// or sent nothing for longest is closed.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/intrusive/list.hpp>

#include "http/accounts.hpp"
#include "http/metrics.hpp"

namespace toll::http {

/// A client for whom bytes wait.
class Waiting : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Waiting() = default;

  /// Gives back its share and leaves the line at once.
  virtual void close() = 0;
};

class Backlog {
 public:
  static constexpr std::size_t most = 64u << 20;
  static constexpr std::size_t most_of_principal = 16u << 20;

  class Share;

  /// `limit` is what the metrics call it; they outlive the object. `clients` is how many there may
  /// be.
  Backlog(Limit limit, std::size_t clients, Metrics& metrics)
      : limit_(limit), few_(std::min(most_few, most / 2 / clients)), metrics_(metrics) {}

  /// Why no further list may be made for this account, which is null for nobody's. From any thread.
  std::optional<Limit> refuse_list(const AccountPtr& account);

  /// The bytes of `share` wait for this client from now on, or it has just moved some of them: it
  /// goes to the end of the line. Others may be closed to make room, but nobody for whom only a few
  /// bytes wait: all of those together have half of the room, and most are being served, not deaf.
  /// On the io thread.
  void wait(Waiting& client, const Share& share);

  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t most_few = 8u << 10;

  const Limit limit_;
  const std::size_t few_;
  Metrics& metrics_;
  std::atomic<std::size_t> bytes_{0};
  boost::intrusive::list<Waiting, boost::intrusive::constant_time_size<false>> line_;
};

/// Bytes that count until the object goes. From any thread, one at a time.
class Backlog::Share {
 public:
  Share() = default;
  Share(Backlog& backlog, AccountPtr account, std::size_t bytes);
  Share(Share&& other) noexcept { *this = std::move(other); }
  Share& operator=(Share&& other) noexcept;
  ~Share() { give_back(); }

  explicit operator bool() const { return backlog_ != nullptr; }
  std::size_t bytes() const { return backlog_ ? bytes_ : 0; }
  void give_back();

 private:
  Backlog* backlog_ = nullptr;
  AccountPtr account_;
  std::size_t bytes_ = 0;
};

}  // namespace toll::http

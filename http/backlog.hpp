// Bytes that wait in memory for clients: of answers until they are taken, of requests until they
// are whole. They are bounded in all, because memory is; when there are too many, whoever has taken
// or sent nothing for longest is closed.
#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <functional>

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

  /// `limit` is what the metrics call it; they outlive the object. `later` has make_room() called
  /// on the io thread, behind what is queued there now.
  Backlog(Limit limit, Metrics& metrics, std::function<void()> later)
      : limit_(limit), metrics_(metrics), later_(std::move(later)) {}

  /// Why no further list may be made for this account, which is null for nobody's. From any thread.
  std::optional<Limit> refuse_list(const AccountPtr& account);

  /// Bytes wait for this client from now on, or it has just moved some of them: it goes to the end
  /// of the line. Others may be closed to make room, but later: of those who wait now some have
  /// taken everything, and their connections have yet to hear of it. On the io thread.
  void wait(Waiting& client);

  /// Closes whoever has moved nothing for longest while there is too much; never the last one.
  void make_room();

  std::size_t bytes() const { return bytes_; }

 private:
  bool too_much() const;

  const Limit limit_;
  Metrics& metrics_;
  const std::function<void()> later_;
  bool called_ = false;  ///< make_room() is going to be
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
  void give_back();

 private:
  Backlog* backlog_ = nullptr;
  AccountPtr account_;
  std::size_t bytes_ = 0;
};

}  // namespace toll::http

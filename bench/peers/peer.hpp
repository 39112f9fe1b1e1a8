// A peer: what a user would pick instead of Toll, doing the same work. Each session has a row of
// its own, and a subscription, and a wallet; a deduction takes the unit that is due, or finds none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bench/common/books.hpp"
#include "bench/common/shape.hpp"

namespace toll::bench {

/// One client's way to the peer; used by one thread.
class Link {
 public:
  virtual ~Link() = default;

  /// Takes a unit if fewer than `round` intervals of the session have been taken. Durable when it
  /// returns. The number of units taken: 0 or 1. Throws std::runtime_error when the peer fails.
  virtual int deduct(const Request& request) = 0;
};

/// A link that need not be waited for: one thread serves many of them, which costs less.
class PolledLink : public Link {
 public:
  virtual int socket() const = 0;
  virtual void send(const Request& request) = 0;
  /// Call it when the socket is readable. None while the answer is not whole.
  virtual std::optional<int> receive() = 0;
};

struct PeerBooks {
  std::int64_t taken = 0;    ///< of all subscriptions
  std::int64_t used = 0;     ///< of all sessions
  std::int64_t entries = 0;  ///< rows in the wallets' history
  std::int64_t paid = 0;     ///< of all wallets, in minor units
};

class Peer {
 public:
  virtual ~Peer() = default;
  /// Removes what an earlier run left and makes the work's sessions.
  virtual void fill(const Work& work) = 0;
  virtual std::unique_ptr<Link> connect() = 0;
  virtual PeerBooks books() = 0;
};

/// `where` is the socket folder, the socket, or an empty directory, as the peer needs it. The work
/// outlives the peer.
std::unique_ptr<Peer> postgres(const std::string& where, bool stored_function, const Work& work);
std::unique_ptr<Peer> mariadb(const std::string& where, bool stored_function, const Work& work);
std::unique_ptr<Peer> redis(const std::string& where, const Work& work);
std::unique_ptr<Peer> rocksdb_transactions(const std::string& where, const Work& work);
std::unique_ptr<Peer> mutex(const std::string& where, const Work& work);

}  // namespace toll::bench

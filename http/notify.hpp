// What systemd is told of the life of the server (Type=notify): datagrams to $NOTIFY_SOCKET. Where
// there is none, nothing is said.
#pragma once

#include <memory>

namespace toll::http {

/// It serves, or has reloaded.
void notify_ready();

/// It reads its files again; notify_ready() follows.
void notify_reloading();

/// It stops, and takes nothing new.
void notify_stopping();

/// Asks again and again for more time than TimeoutStartSec, until destruction: a start takes as
/// long as there is to recover.
class MoreTime {
 public:
  MoreTime();
  ~MoreTime();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::http

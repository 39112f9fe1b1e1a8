// Reads that wait until rows are far enough, in the order in which they become possible.
// All functions from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "persistence/rows.hpp"

namespace toll::persistence {

using Read = std::function<void(const Rows&)>;

class ReadQueue {
 public:
  explicit ReadQueue(billing::Seq applied) : applied_(applied) {}

  /// True if the read has to wait for rows.
  bool add(billing::Seq at_least, Read read);

  /// Rows are at `applied` now.
  void publish(billing::Seq applied);

  /// Where rows must be for the first of the reads that wait; beyond all records if none waits.
  billing::Seq first_wanted() const;

  /// The next read that is possible, if there is one.
  std::optional<Read> take();

  /// The same, but waits for one; nothing once stop() was called and none is possible.
  std::optional<Read> wait();
  void stop();

 private:
  std::optional<Read> take_locked();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  billing::Seq applied_;
  std::multimap<billing::Seq, Read> waiting_;
  std::deque<Read> possible_;
  bool stopping_ = false;
};

}  // namespace toll::persistence

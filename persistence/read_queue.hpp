// Reads that wait until rows are far enough. What requests under way wait for, loads, in the order
// in which they become possible; lists, which may be long and many, in turns by whose they are, so
// that nobody waits for another's many. All functions from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "persistence/rows.hpp"

namespace toll::persistence {

using Read = std::function<void(const Rows&)>;

class ReadQueue {
 public:
  enum class Kind : std::uint8_t { load, list };

  explicit ReadQueue(billing::Seq applied) : applied_(applied) {}

  /// Adds a load. True if it has to wait for rows.
  bool add(billing::Seq at_least, Read read);

  /// The same for a list.
  bool add_list(billing::Seq at_least, const std::string& whose, Read read);

  /// Rows are at `applied` now.
  void publish(billing::Seq applied);

  /// Where rows must be for the first of the reads that wait; beyond all records if none waits.
  billing::Seq first_wanted() const;

  /// The next read that is possible, if there is one: a load before any list.
  std::optional<Read> take();

  /// The next one of a kind, but waits for one; nothing once stop() was called and none is
  /// possible.
  std::optional<Read> wait(Kind kind);
  void stop();

 private:
  struct Waiting {
    std::optional<std::string> whose;  ///< of a list
    Read read;
  };
  struct Turn {
    std::string whose;
    std::deque<Read> reads;  ///< never empty
  };

  bool add_either(billing::Seq at_least, Waiting waiting);
  void make_possible(Waiting waiting);
  std::optional<Read> take_load();
  std::optional<Read> take_list();

  mutable std::mutex mutex_;
  std::condition_variable load_possible_;
  std::condition_variable list_possible_;
  billing::Seq applied_;
  std::multimap<billing::Seq, Waiting> waiting_;
  std::deque<Read> loads_;
  std::list<Turn> turns_;  ///< the next one first
  std::unordered_map<std::string, std::list<Turn>::iterator> turn_of_;
  bool stopping_ = false;
};

}  // namespace toll::persistence

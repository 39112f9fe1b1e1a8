// Looks after the clock while a server runs: does what an operator says about it, and puts on
// record whatever changes how server time stands to the wall clock.
#pragma once

#include "actors/clock.hpp"
#include "persistence/clock_request.hpp"
#include "persistence/journal.hpp"

namespace toll::actors {

class ClockKeeper {
 public:
  /// Both outlive it. `offset_on_record`: the journal's last word about the clock is an offset.
  ClockKeeper(Clock& clock, persistence::Journal& journal, bool offset_on_record)
      : clock_(clock), journal_(journal), offset_on_record_(offset_on_record) {}

  /// Once in a while, on one thread.
  void look();

  /// Does what is asked for, if there is anything to do, and appends the fact of it. The caller
  /// waits for the disk before he passes the answer on. On the thread of look().
  persistence::ClockStanding obey(persistence::ClockWord word);

 private:
  Clock& clock_;
  persistence::Journal& journal_;
  bool offset_on_record_;
};

}  // namespace toll::actors

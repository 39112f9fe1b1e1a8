// The doctor actor: one operation on a wallet at a time. Whatever lowers a balance is decided here;
// earnings only raise it, so reading them as of an operation's beginning is enough.
#pragma once

#include <list>

#include "actors/context.hpp"

namespace toll::actors {

struct DoctorState : Presence {
  explicit DoctorState(DoctorActor::pointer self) : self(self) {}

  DoctorActor::pointer self;
  const Context* context = nullptr;
  bool reading = false;  ///< the first of the queue waits for the wallet
  std::list<std::variant<AskPtr, RefundAsked>> queue;
};

DoctorActor::behavior_type doctor_actor(DoctorActor::stateful_pointer<DoctorState> self,
                                        const Context* context);

}  // namespace toll::actors

// Loading the row of an entity whose actor has just been spawned. No wait for the rows is needed:
// an actor leaves memory only when its row shows all that it knew (rule 5).
#pragma once

#include "actors/context.hpp"

namespace toll::actors {

/// Each sends the actor one Loaded.
void load_row(const Context& context, const std::string& session, SessionActor actor);
void load_row(const Context& context, const std::string& subscription, SubscriptionActor actor);

/// A wallet, including every earning assigned before this call: earnings are written by sessions
/// and subscriptions, so the doctor's actor reads them each time instead of hearing of each.
/// `withdrawal` is loaded with it unless the id is empty.
void load_wallet(const Context& context, const std::string& doctor, const std::string& withdrawal,
                 DoctorActor actor);

/// Tells the directory whose withdrawal this MoveWithdrawal is about.
void find_withdrawal(const Context& context, const AskPtr& ask, const std::string& id);

}  // namespace toll::actors

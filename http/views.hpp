// How the entities look in answers. Each function writes one JSON object.
#pragma once

#include "billing/policy.hpp"
#include "billing/statement.hpp"
#include "http/json_writer.hpp"

namespace toll::http {

/// `now` decides what is due; the policy is the session's own version.
void write_session(JsonWriter& json, const billing::Session& session,
                   const billing::PolicyBook& policies, billing::Instant now);

/// `now` decides whether it is expired, and whether the rollover shows.
void write_subscription(JsonWriter& json, const billing::Subscription& subscription,
                        billing::Instant now);

/// What a member may know of a subscription that another one owns: what it gives him, and until
/// when; not who else is on it, or what they have used.
void write_shared_subscription(JsonWriter& json, const billing::Subscription& subscription,
                               billing::Instant now);

void write_wallet(JsonWriter& json, const billing::Doctor& doctor);
void write_withdrawal(JsonWriter& json, const billing::Withdrawal& withdrawal);
void write_entry(JsonWriter& json, const billing::WalletEntry& entry);

/// Policy version and currency come from the session that the line belongs to.
void write_line(JsonWriter& json, const billing::StatementLine& line,
                const billing::Session& session);

/// A fact in the feed: seq, at, type, and what the fact says.
void write_event(JsonWriter& json, const billing::Record& record);

}  // namespace toll::http

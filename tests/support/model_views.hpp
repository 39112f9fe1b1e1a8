// What the real entities look like in the words of the naive model, so that they can be compared.
#pragma once

#include "billing/doctor.hpp"
#include "billing/policy.hpp"
#include "billing/session.hpp"
#include "billing/subscription.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

model::Rules rules_of(const billing::Policy& policy);
model::PerChannel by_name(const billing::Units& units);
model::SessionView view_of(const billing::Session& session, const billing::Policy& policy);
model::SubscriptionView view_of(const billing::Subscription& subscription, billing::Instant now);
model::WalletView view_of(const billing::Doctor& doctor);

}  // namespace toll::tests

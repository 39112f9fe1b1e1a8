// A patient or a doctor who asks for himself, and what concerns him.
#pragma once

#include "billing/session.hpp"
#include "billing/subscription.hpp"

namespace toll::billing {

struct Person {
  Party party = Party::patient;  ///< never the server
  std::string id;
  bool operator==(const Person&) const = default;
};

/// His own sessions concern a patient and a doctor.
bool concerns(const Session& session, const Person& person);

/// A subscription concerns the patients who may use it.
bool concerns(const Subscription& subscription, const Person& person);

}  // namespace toll::billing

// Which entities a record names.
#pragma once

#include "billing/facts.hpp"

namespace toll::persistence {

/// Tells `visit` each of them: session(id), subscription(id), doctor(id), withdrawal(id).
template <class Visit>
void each_named(const billing::Record& record, Visit&& visit) {
  std::visit(
      [&](const auto& fact) {
        if constexpr (requires { fact.session; }) visit.session(fact.session);
        if constexpr (requires { fact.subscription; }) visit.subscription(fact.subscription);
        if constexpr (requires { fact.withdrawal; }) visit.withdrawal(fact.withdrawal);
        if constexpr (requires { fact.doctor; }) visit.doctor(fact.doctor);
        if constexpr (requires { fact.taken; }) visit.subscription(fact.taken.subscription);
        if constexpr (requires { fact.hold; }) visit.subscription(fact.hold.subscription);
        if constexpr (requires { fact.payer; }) visit.subscription(fact.payer.subscription);
      },
      record.fact);
}

}  // namespace toll::persistence

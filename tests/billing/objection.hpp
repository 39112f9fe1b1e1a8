// The second books (billing/invariants.hpp) against the records and the entities of a test.
#pragma once

#include "tests/billing/world.hpp"

namespace toll::tests {

/// What the books say against these records, or against the entities that they are compared with;
/// empty when they agree.
std::string objection(const PolicyBook& policies, const std::vector<Record>& records,
                      const World& folded);

}  // namespace toll::tests

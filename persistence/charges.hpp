// What charges did to one entity, without the entity: most of what a busy server writes. A window
// adds them to the rows as they are, so that no row is read to be written again; whoever reads a
// row applies them (row_merge.hpp).
#pragma once

#include "billing/apply.hpp"
#include "persistence/posting.hpp"

namespace toll::persistence {

/// An entity as it is stored.
template <class Entity>
struct Row {
  Entity entity;
  Places newest;  ///< statement lines, wallet entries: those that are not in a posting yet
  bool operator==(const Row&) const = default;
};

/// One or more Charged facts that are next to each other for a session, a subscription or a doctor,
/// each with the next unit from the subscription that gave the last one. A kind of entity uses the
/// fields that it has, the others stay 0.
struct Charges {
  billing::Version first_version = 0;  ///< session: of the first fact
  std::uint64_t records = 0;           ///< session
  std::int64_t first_interval = 0;     ///< session
  billing::Instant at = 0;             ///< session, subscription: the latest
  billing::Units units{};              ///< session, subscription: by channel
  std::optional<billing::Money> pay;   ///< doctor
  Places places;                       ///< session, doctor: of the facts
  bool operator==(const Charges&) const = default;

  bool empty() const { return units == billing::Units{} && !pay; }

  /// Whether the fact can be one of these.
  static bool cover(const billing::Charged& fact) { return fact.taken == fact.hold; }

  /// Adds the part of the fact that concerns an entity of this kind.
  template <class Entity>
  void add(const billing::Charged& fact, billing::Instant at);

  /// Adds those that come just after. False if they do not.
  bool add(const Charges& later);
};

void apply(Row<billing::Session>& row, const Charges& charges);
void apply(Row<billing::Subscription>& row, const Charges& charges);
void apply(Row<billing::Doctor>& row, const Charges& charges);

}  // namespace toll::persistence

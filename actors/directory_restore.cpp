#include "actors/at_rest.hpp"
#include "actors/directory.hpp"

namespace toll::actors {

using namespace billing;

class Directory::Restore {
 public:
  explicit Restore(Directory& directory)
      : directory_(directory), context_(directory.context_), tables_(directory.tables_) {}

  void doctor(Doctor&& row) {
    DoctorEntry& entry = tables_.doctors[row.id];
    entry.version = row.version;
    entry.currency = row.currency;
    entry.named = row.named;
    entry.known = true;
  }

  void subscription(Subscription&& row) {
    std::vector<std::string> people = row.members;
    people.push_back(row.patient);
    directory_.list_people({{row.starts_at, row.id}, std::move(people), {}});
    // A subscription that holds units has a place here, so it hears of facts about them.
    if (!row.holds_any()) return;
    SubscriptionResident& place = tables_.subscriptions[row.id];
    place.left_with = packed({std::move(row)});
  }

  void live_session(Session&& row) {
    tables_.patients[row.patient].live(row.channel != Channel::text) = row.id;
    tables_.doctors[row.doctor].live = row.id;
    context_.counters->live_sessions += 1;
    ++tables_.live_by_age[row.created_seq / records_of_an_age];
    // Armed here and not by the session itself: recovery must find every timer set.
    const auto due = next_wake(row, context_.policies->at(row.policy_version));
    caf::anon_send(context_.timer, Arm{row.id, due, std::nullopt, row.status == Status::active});
    SessionResident& place = tables_.sessions[row.id];
    place.left_with = packed({std::move(row), due});
  }

 private:
  Directory& directory_;
  const Context& context_;
  DirectoryTables& tables_;
};

void Directory::restore() {
  Restore restore(*this);
  const persistence::Rows& rows = context_.storage->rows();
  rows.each_doctor([&](Doctor&& row) { restore.doctor(std::move(row)); });
  rows.each_subscription([&](Subscription&& row) { restore.subscription(std::move(row)); });
  rows.each_live_session([&](Session&& row) { restore.live_session(std::move(row)); });
}

}  // namespace toll::actors

#include "persistence/folded.hpp"

#include "billing/assert.hpp"
#include "persistence/fold.hpp"

namespace toll::persistence {

namespace {

class FoldedWorld {
 public:
  FoldedWorld(Folded& folded, billing::Seq seq) : folded_(folded), seq_(seq) {}

  billing::Session& session(const std::string& id) { return need(folded_.sessions, id); }
  billing::Subscription& subscription(const std::string& id) {
    return need(folded_.subscriptions, id);
  }
  billing::Withdrawal& withdrawal(const std::string& id) { return need(folded_.withdrawals, id); }
  template <class Fact>
  void session(const std::string& id, const Fact& fact, billing::Instant at) {
    if (folded_.mine(id)) apply(session(id), fact, at);
  }
  template <class Fact>
  void subscription(const std::string& id, const Fact& fact, billing::Instant at) {
    if (folded_.mine(id)) apply(subscription(id), fact, at);
  }
  template <class Fact>
  void withdrawal(const std::string& id, const Fact& fact, billing::Instant at) {
    if (folded_.mine(id)) apply(withdrawal(id), fact, at);
  }
  template <class Fact>
  void doctor(const std::string& id, const Fact& fact) {
    if (!folded_.mine(id)) return;
    billing::Doctor& doctor = folded_.doctors[id];
    doctor.id = id;
    apply(doctor, fact);
  }
  void add(billing::Withdrawal&& withdrawal) {
    std::string id = withdrawal.id;
    if (!folded_.mine(id)) return;
    TOLL_ASSERT(folded_.withdrawals.emplace(std::move(id), std::move(withdrawal)).second);
  }
  void add(billing::Session&& session) {
    std::string id = session.id;
    if (!folded_.mine(id)) return;
    TOLL_ASSERT(folded_.sessions.emplace(std::move(id), std::move(session)).second);
  }
  void add(billing::Subscription&& subscription) {
    std::string id = subscription.id;
    if (!folded_.mine(id)) return;
    TOLL_ASSERT(folded_.subscriptions.emplace(std::move(id), std::move(subscription)).second);
  }
  void add(std::uint32_t version, const billing::Policy& policy) {
    TOLL_ASSERT(folded_.policies.emplace(version, policy).second);
  }
  void add(KeptAnswer&& kept) { folded_.kept[kept.cause.key] = std::move(kept); }
  billing::Outages& outages() { return folded_.mark.outages; }
  void clock_offset(const std::optional<billing::ClockOffset>& offset) {
    folded_.mark.clock_offset = offset;
  }
  void stated(const std::string& session) {
    if (folded_.mine(session)) folded_.lines[session].push_back(seq_);
  }
  void earned(const std::string& doctor) {
    if (folded_.mine(doctor)) folded_.entries[doctor].push_back(seq_);
  }
  bool keeps(const billing::Record& record) const { return folded_.mine(owner_of_kept(record)); }

 private:
  template <class Map>
  typename Map::mapped_type& need(Map& map, const std::string& id) {
    const auto found = map.find(id);
    TOLL_ASSERT(found != map.end());
    return found->second;
  }

  Folded& folded_;
  const billing::Seq seq_;
};

}  // namespace

void Folded::add(const billing::Record& record) {
  FoldedWorld world(*this, record.seq);
  fold(world, record);
  mark.applied = record.seq;
  mark.newest_at = std::max(mark.newest_at, record.at);
}

}  // namespace toll::persistence

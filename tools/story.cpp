#include "tools/story.hpp"

#include <ostream>
#include <stdexcept>

#include "billing/apply.hpp"
#include "http/time_format.hpp"

namespace toll::tools {

using namespace billing;

namespace {

std::string time(Instant at) {
  std::string text;
  http::append_time(text, at);
  return text;
}

std::string money(const Money& amount) {
  return std::to_string(amount.amount) + ' ' + std::string(amount.currency.view());
}

std::string seconds(std::int64_t milliseconds) {
  std::string text = std::to_string(milliseconds / 1000);
  if (milliseconds % 1000 != 0) text += '.' + std::to_string(1000 + milliseconds % 1000).substr(1);
  return text + " s";
}

std::string gave(const Hold& hold) {
  return hold.subscription + (hold.payment_ref.empty() ? "" : " (" + hold.payment_ref + ")");
}

std::string intervals(std::int64_t first, std::int64_t count) {
  if (count == 1) return "interval " + std::to_string(first);
  return "intervals " + std::to_string(first) + " to " + std::to_string(first + count - 1);
}

std::string free_under(std::int64_t seconds) {
  if (seconds == 0) return "";
  return "; a conversation under " + std::to_string(seconds) + " s is free";
}

std::string outage_rule(const DowntimePolicy& downtime) {
  if (downtime.cap == DowntimePolicy::no_cap) return "bill_all";
  return downtime.cap == 0 ? "forgive" : "cap:" + std::to_string(downtime.cap);
}

}  // namespace

/// Tells one fact, and then applies it.
struct Teller {
  Story& story;
  const Record& record;

  void operator()(const PolicyRecorded& fact) { story.policies_.add(fact.policy); }
  void operator()(const Created& fact) {
    if (fact.session != story.id_) return;
    const Policy& policy = story.policies_.at(fact.policy_version);
    story.out_ << "session " << fact.session << ": " << name(fact.channel) << ", patient "
               << fact.patient << ", doctor " << fact.doctor << "\npolicy " << fact.policy_version
               << ": an interval is " << policy.interval_s << " s; a unit pays "
               << money(policy.rate(fact.currency, fact.channel))
               << free_under(policy.min_billable_s[index(fact.channel)])
               << "; the started interval "
               << (policy.manual_unit ? "costs a manual unit" : "is free") << "; outages "
               << outage_rule(policy.downtime) << '\n';
    line() << "created; a unit of " << gave(fact.hold) << " is held, and nothing is paid yet\n";
    story.session_ = created(fact, record.seq, record.at);
  }
  void operator()(const DeadlineSet& fact) {
    if (!mine(fact)) return;
    line() << "the patient's first message; it expires if the doctor has not answered by "
           << time(fact.deadline) << '\n';
    apply(*story.session_, fact, record.at);
  }
  void operator()(const Activated& fact) {
    if (!mine(fact)) return;
    apply(*story.session_, fact, record.at);
    line() << "activated: the first boundary is " << time(boundary(1)) << '\n';
  }
  void operator()(const Charged& fact) {
    if (!mine(fact)) return;
    line() << intervals(fact.first_interval, fact.units)
           << (fact.units == 1 ? " completed at " : " completed, the last one at ")
           << time(boundary(fact.first_interval + fact.units - 1)) << ": " << fact.units << " of "
           << gave(fact.taken) << " taken, " << money(fact.pay) << " paid to " << fact.doctor
           << "; the next unit is held on " << gave(fact.hold) << "; asked for by "
           << fact.triggered_by << '\n';
    story.earned_ += fact.pay.amount;
    apply(*story.session_, fact, record.at);
  }
  void operator()(const Forgiven& fact) {
    if (!mine(fact)) return;
    line() << intervals(fact.first_interval, fact.intervals)
           << " completed while the server was down: free; the held unit stays\n";
    story.forgiven_ += fact.intervals;
    apply(*story.session_, fact, record.at);
  }
  void operator()(const Ended& fact) {
    if (!mine(fact)) return;
    line() << name(fact.status) << " at " << time(fact.ended_at) << " by " << name(fact.ended_by)
           << ", " << name(fact.end_reason) << conversation(fact) << ": " << last_unit(fact)
           << "; asked for by " << fact.triggered_by << '\n';
    story.earned_ += fact.pay.amount;
    apply(*story.session_, fact, record.at);
  }
  void operator()(const Refunded& fact) {
    if (!mine(fact)) return;
    line() << fact.units << " given back to " << gave(fact.payer) << ", " << money(fact.pay)
           << " taken back from " << fact.doctor << ": " << fact.reason << '\n';
    story.earned_ -= fact.pay.amount;
    apply(*story.session_, fact, record.at);
  }
  void operator()(const OutageBegan& fact) {
    if (live())
      line() << "the server was down, or took no changes, since " << time(fact.since) << '\n';
  }
  void operator()(const OutageJudged& fact) {
    if (!live()) return;
    line() << "the operator said that this outage "
           << (fact.verdict == OutageVerdict::bill ? "is billed however long it was"
                                                   : "costs nothing")
           << '\n';
  }
  void operator()(const Ready&) {
    if (live()) line() << "the server was up again\n";
  }
  template <class Fact>
  void operator()(const Fact&) {}

 private:
  std::ostream& line() { return story.out_ << time(record.at) << "  #" << record.seq << "  "; }
  template <class Fact>
  bool mine(const Fact& fact) const {
    return story.session_ && fact.session == story.id_;
  }
  bool live() const { return story.session_ && story.session_->live(); }
  Instant boundary(std::int64_t k) const { return billing::boundary(*story.session_, policy(), k); }
  const Policy& policy() const { return story.policies_.at(story.session_->policy_version); }

  std::string conversation(const Ended& fact) const {
    const auto began = story.session_->activated_at;
    return began ? ", after " + seconds(fact.ended_at - *began) : ", never answered";
  }
  std::string last_unit(const Ended& fact) const {
    if (fact.units == 0) return "nothing is due; the held unit of " + gave(fact.hold) + " is free";
    const std::string unit = fact.manual()
                                 ? "the manual unit, for interval " +
                                       std::to_string(story.session_->intervals_processed + 1) +
                                       " which had begun"
                                 : intervals(fact.interval, 1) + " completed and no next unit";
    return unit + ": 1 of " + gave(fact.hold) + " taken, " + money(fact.pay) + " paid to " +
           fact.doctor;
  }
};

void Story::tell(const Record& record) { std::visit(Teller{*this, record}, record.fact); }

void Story::end() const {
  if (!session_) throw std::runtime_error("the journal has no session " + id_);
  out_ << (session_->live() ? "so far " : "in all ") << session_->units_used << " units taken, "
       << forgiven_ << " intervals forgiven, " << session_->units_refunded << " units refunded; "
       << session_->doctor << " has " << money({earned_, session_->currency}) << " of it\n";
}

}  // namespace toll::tools

#include "billing/invariants.hpp"

namespace toll::billing {

namespace {

std::string about(const char* kind, const std::string& id, const std::string& what) {
  return std::string(kind) + ' ' + id + ": " + what;
}

/// One session's pay may be more than 64 bits would hold only if something is wrong.
bool multiply(std::int64_t a, std::int64_t b, std::int64_t& product) {
  return !__builtin_mul_overflow(a, b, &product);
}

}  // namespace

Violation violation(const Session& session) {
  const auto wrong = [&](const char* what) { return about("session", session.id, what); };
  if (session.live() != session.hold.has_value()) {
    return wrong("a live session holds exactly one unit, a terminal one none");
  }
  if (session.live() == session.ended_at.has_value()) return wrong("ended_at without an end");
  if ((session.status == Status::active) && !session.activated_at) {
    return wrong("active without activated_at");
  }
  std::int64_t units = 0;
  for (const Run& run : session.runs) units += run.units;
  if (units != session.units_used - session.units_refunded) {
    return wrong("its runs are not the units used less those refunded");
  }
  if (session.units_used > session.intervals_processed + (session.manual_applied ? 1 : 0)) {
    return wrong("more units than intervals and one manual unit");
  }
  return std::nullopt;
}

Violation violation(const Subscription& subscription) {
  for (const Channel channel : channels) {
    const auto c = index(channel);
    const std::int64_t free = subscription.granted[c] + subscription.refunded[c] -
                              subscription.taken[c] - subscription.held[c];
    if (free < 0 || subscription.granted[c] < 0 || subscription.refunded[c] < 0 ||
        subscription.taken[c] < 0 || subscription.held[c] < 0) {
      return about("subscription", subscription.id,
                   "granted + refunded = free + held + taken, all >= 0, does not hold on " +
                       std::string(name(channel)));
    }
  }
  return std::nullopt;
}

Violation violation(const Doctor& doctor) {
  if (doctor.withdrawn < 0 || doctor.pending < 0) {
    return about("doctor", doctor.id, "negative withdrawals");
  }
  return std::nullopt;
}

std::optional<Money> Books::rate(const SessionBook& session) const {
  const auto policy = policies_.find(session.policy_version);
  if (policy == policies_.end() || !policy->second.has_rates(session.currency)) return {};
  return policy->second.rate(session.currency, session.channel);
}

struct Books::Adder {
  Books& books;
  const Seq seq;

  Violation operator()(const Granted& fact) {
    if (!books.mine(fact.subscription)) return {};
    SubscriptionBook book{1, fact.units, {}, {}, {}};
    if (fact.version != 1) return "a grant is the first record of a subscription";
    const bool made = books.subscriptions_.emplace(fact.subscription, book).second;
    return made ? Violation() : about("subscription", fact.subscription, "granted twice");
  }
  Violation operator()(const Changed& fact) {
    if (!books.mine(fact.subscription)) return {};
    SubscriptionBook* book = nullptr;
    return own(books.subscriptions_, fact.subscription, fact.version, book);
  }
  Violation operator()(const ToppedUp& fact) {
    if (!books.mine(fact.subscription)) return {};
    SubscriptionBook* book = nullptr;
    if (auto wrong = own(books.subscriptions_, fact.subscription, fact.version, book)) return wrong;
    for (std::size_t c = 0; c < fact.units.size(); ++c) book->granted[c] += fact.units[c];
    return {};
  }
  Violation operator()(const DoctorRegistered& fact) {
    if (!books.mine(fact.doctor)) return {};
    DoctorBook& book = books.doctors_[fact.doctor];
    if (fact.version != ++book.version) return "not the doctor's next version";
    if (book.earned != 0) return "the currency of an earning doctor changed";
    book.currency = fact.currency;
    return {};
  }
  Violation operator()(const Created& fact) {
    if (fact.version != 1) return "a creation is the first record of a session";
    SessionBook book;
    book.version = 1;
    book.channel = fact.channel;
    book.doctor = fact.doctor;
    book.currency = fact.currency;
    book.policy_version = fact.policy_version;
    book.hold = fact.hold;
    if (!books.rate(book)) return "a policy that has no such rate";
    if (books.mine(fact.session) && !books.sessions_.emplace(fact.session, book).second) {
      return "created twice";
    }
    if (books.mine(fact.doctor) && books.doctors_[fact.doctor].currency != fact.currency) {
      return "not the doctor's currency";
    }
    return move(fact.hold.subscription, fact.channel, 0, +1);
  }
  Violation operator()(const DeadlineSet& fact) { return own(fact); }
  Violation operator()(const Activated& fact) { return own(fact); }
  Violation operator()(const Charged& fact) {
    if (books.mine(fact.session)) {
      if (auto wrong = own(fact)) return wrong;
      SessionBook& book = books.sessions_[fact.session];
      if (fact.units < 1) return "a deduction of nothing";
      if (auto wrong = intervals(book, fact.first_interval, fact.units)) return wrong;
      if (auto wrong = take(book, fact, fact.taken)) return wrong;
      book.hold = fact.hold;
    }
    if (auto wrong = leave(fact, fact.taken)) return wrong;
    return move(fact.hold.subscription, fact.channel, 0, +1);
  }
  Violation operator()(const Forgiven& fact) {
    if (!books.mine(fact.session)) return {};
    if (auto wrong = own(fact)) return wrong;
    return intervals(books.sessions_[fact.session], fact.first_interval, fact.intervals);
  }
  Violation operator()(const Ended& fact) {
    if (books.mine(fact.session)) {
      if (auto wrong = own(fact)) return wrong;
      SessionBook& book = books.sessions_[fact.session];
      if (fact.units < 0 || fact.units > 1) return "an end takes one unit or none";
      if (fact.manual() && book.manual) return "a second manual unit";
      if (fact.units == 1 && !fact.manual()) {
        if (auto wrong = intervals(book, fact.interval, 1)) return wrong;
      }
      if (auto wrong = take(book, fact, fact.hold)) return wrong;
      book.manual = book.manual || fact.manual();
      book.hold.reset();
    }
    return leave(fact, fact.hold);
  }
  Violation operator()(const PolicyRecorded& fact) {
    if (fact.version != books.policies_.size() + 1) return "not the next version of the policy";
    books.policies_.emplace(fact.version, fact.policy);
    return {};
  }
  Violation operator()(const OutageBegan&) { return {}; }
  Violation operator()(const Ready&) { return {}; }
  Violation operator()(const BatchAnswered&) { return {}; }
  Violation operator()(const ClockAdvanced&) { return {}; }
  Violation operator()(const HistoryGivenUp& fact) {
    if (fact.after + 1 != seq) return "another history that does not begin here";
    return {};
  }
  Violation operator()(const ClockAccepted&) { return {}; }
  Violation operator()(const ClockResumed&) { return {}; }
  Violation operator()(const OutageJudged&) { return {}; }
  Violation operator()(const Refunded& fact) {
    if (books.mine(fact.session)) {
      SessionBook* book = nullptr;
      if (auto wrong = own(books.sessions_, fact.session, fact.version, book)) return wrong;
      book->refunded += fact.units;
      if (fact.units < 1 || book->refunded > book->units) return "more refunded than was charged";
      if (auto wrong = paid(*book, fact, -1)) return wrong;
    }
    earn(fact, -1);
    if (!books.mine(fact.payer.subscription)) return {};
    const auto found = books.subscriptions_.find(fact.payer.subscription);
    if (found == books.subscriptions_.end()) return "a refund to an unknown subscription";
    const auto c = index(fact.channel);
    found->second.refunded[c] += fact.units;
    if (found->second.refunded[c] > found->second.taken[c]) return "a refund of units never taken";
    return {};
  }
  Violation operator()(const WithdrawalRequested& fact) {
    if (books.mine(fact.doctor)) {
      DoctorBook* book = nullptr;
      if (auto wrong = own(books.doctors_, fact.doctor, fact.version, book)) return wrong;
      const std::int64_t balance = book->earned - book->pending - book->withdrawn;
      if (fact.amount.amount < 1 || fact.amount.amount > balance) return "more than the balance";
      if (fact.amount.currency != book->currency) return "not the wallet's currency";
      book->pending += fact.amount.amount;
    }
    if (!books.mine(fact.withdrawal)) return {};
    const bool made =
        books.withdrawals_.emplace(fact.withdrawal, WithdrawalBook{fact.doctor, fact.amount})
            .second;
    return made ? Violation() : about("withdrawal", fact.withdrawal, "requested twice");
  }
  Violation operator()(const WithdrawalMoved& fact) {
    if (books.mine(fact.withdrawal)) {
      if (auto wrong = moved(fact)) return wrong;
    }
    if (!books.mine(fact.doctor)) return {};
    DoctorBook* book = nullptr;
    if (auto wrong = own(books.doctors_, fact.doctor, fact.version, book)) return wrong;
    if (fact.status != WithdrawalStatus::approved) book->pending -= fact.amount.amount;
    if (fact.status == WithdrawalStatus::paid) book->withdrawn += fact.amount.amount;
    return {};
  }

  Violation moved(const WithdrawalMoved& fact) {
    const auto found = books.withdrawals_.find(fact.withdrawal);
    if (found == books.withdrawals_.end()) return "an unknown withdrawal";
    WithdrawalBook& withdrawal = found->second;
    if (withdrawal.doctor != fact.doctor || withdrawal.amount != fact.amount) {
      return "a withdrawal of somebody else, or of another amount";
    }
    if (!may_move(withdrawal.status, fact.status)) return "a withdrawal cannot move so";
    withdrawal.status = fact.status;
    return {};
  }

  /// A record that the entity owns: it is known, and the version is the next one.
  template <class Map, class Book>
  Violation own(Map& map, const std::string& id, Version version, Book*& book) {
    const auto found = map.find(id);
    if (found == map.end()) return about("unknown", id, "no record made it");
    book = &found->second;
    if (version != ++book->version) return about("entity", id, "not its next version");
    return {};
  }

  template <class Fact>
  Violation own(const Fact& fact) {
    if (!books.mine(fact.session)) return {};
    SessionBook* book = nullptr;
    if (auto wrong = own(books.sessions_, fact.session, fact.version, book)) return wrong;
    if (!book->hold) return about("session", fact.session, "a record after its end");
    return {};
  }

  Violation intervals(SessionBook& book, std::int64_t first, std::int64_t count) {
    if (first != book.intervals + 1 || count < 1) return "an interval twice, or left out";
    book.intervals += count;
    return {};
  }

  /// The session used `fact.units` units of the one that was held.
  template <class Fact>
  Violation take(SessionBook& book, const Fact& fact, const Hold& payer) {
    if (book.hold != payer) return "the unit is not the one that was held";
    if (auto wrong = paid(book, fact, +1)) return wrong;
    book.units += fact.units;
    return {};
  }

  /// They leave the subscription, and the doctor is paid.
  template <class Fact>
  Violation leave(const Fact& fact, const Hold& payer) {
    earn(fact, +1);
    return move(payer.subscription, fact.channel, fact.units, -1);
  }

  template <class Fact>
  void earn(const Fact& fact, std::int64_t sign) {
    if (books.mine(fact.doctor)) books.doctors_[fact.doctor].earned += sign * fact.pay.amount;
  }

  /// The pay is right, for units that were taken (sign +1) or given back (-1).
  template <class Fact>
  Violation paid(SessionBook& book, const Fact& fact, std::int64_t sign) {
    if (fact.channel != book.channel) return "not the session's channel";
    if (fact.doctor != book.doctor) return "not the session's doctor";
    const auto rate = books.rate(book);
    std::int64_t pay = 0;
    if (!rate || !multiply(rate->amount, fact.units, pay) || fact.pay.amount != pay ||
        fact.pay.currency != rate->currency) {
      return "the pay is not units x rate";
    }
    book.pay += sign * pay;
    return {};
  }

  Violation move(const std::string& id, Channel channel, std::int64_t taken, std::int64_t held) {
    if (!books.mine(id)) return {};
    const auto found = books.subscriptions_.find(id);
    if (found == books.subscriptions_.end()) return about("subscription", id, "is not known");
    SubscriptionBook& book = found->second;
    const auto c = index(channel);
    book.taken[c] += taken;
    book.held[c] += held;
    if (book.held[c] < 0 || book.taken[c] + book.held[c] > book.granted[c] + book.refunded[c]) {
      return about("subscription", id, "a unit that was not there");
    }
    return {};
  }
};

Violation Books::add(const Record& record) {
  return std::visit(Adder{*this, record.seq}, record.fact);
}

}  // namespace toll::billing

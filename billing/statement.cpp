#include "billing/statement.hpp"

namespace toll::billing {

namespace {

std::optional<std::string> nonempty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// An entry that a session made, through units of `payer`.
WalletEntry entry(const Record& record, EntryKind kind, const std::string& doctor,
                  const std::string& session, const Hold& payer, std::int64_t units,
                  const Money& amount) {
  return {record.seq,
          record.at,
          kind,
          amount,
          doctor,
          session,
          payer.subscription,
          units,
          nonempty(payer.payment_ref)};
}

/// An entry of a withdrawal.
WalletEntry entry(const Record& record, EntryKind kind, const std::string& doctor,
                  const Money& amount) {
  return {record.seq, record.at, kind, amount, doctor, {}, {}, 0, std::nullopt};
}

Money negative(const Money& money) { return {-money.amount, money.currency}; }

}  // namespace

std::string_view name(LineKind kind) {
  static constexpr std::array<std::string_view, 4> names{"interval", "manual", "refund",
                                                         "forgiven"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name(EntryKind kind) {
  static constexpr std::array<std::string_view, 4> names{"earning", "withdrawal",
                                                         "withdrawal_rejected", "refund"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<StatementLine> statement_lines(const Record& record) {
  std::vector<StatementLine> lines;
  if (const auto* charged = std::get_if<Charged>(&record.fact)) {
    const Money rate{charged->pay.amount / charged->units, charged->pay.currency};
    for (std::int64_t i = 0; i < charged->units; ++i) {
      lines.push_back({record.seq, record.at, LineKind::interval, charged->first_interval + i, 1,
                       charged->taken.subscription, rate, charged->triggered_by});
    }
  } else if (const auto* forgiven = std::get_if<Forgiven>(&record.fact)) {
    for (std::int64_t i = 0; i < forgiven->intervals; ++i) {
      lines.push_back({record.seq,
                       record.at,
                       LineKind::forgiven,
                       forgiven->first_interval + i,
                       0,
                       std::nullopt,
                       {},
                       forgiven->triggered_by});
    }
  } else if (const auto* ended = std::get_if<Ended>(&record.fact); ended && ended->units == 1) {
    const bool manual = ended->manual();
    lines.push_back({record.seq, record.at, manual ? LineKind::manual : LineKind::interval,
                     manual ? std::nullopt : std::optional(ended->interval), 1,
                     ended->hold.subscription, ended->pay, ended->triggered_by});
  } else if (const auto* refunded = std::get_if<Refunded>(&record.fact)) {
    const Money back{-refunded->pay.amount / refunded->units, refunded->pay.currency};
    for (std::int64_t i = 0; i < refunded->units; ++i) {
      lines.push_back({record.seq, record.at, LineKind::refund, std::nullopt, 1,
                       refunded->payer.subscription, back, "refund"});
    }
  }
  return lines;
}

std::optional<WalletEntry> wallet_entry(const Record& record) {
  if (const auto* charged = std::get_if<Charged>(&record.fact)) {
    return entry(record, EntryKind::earning, charged->doctor, charged->session, charged->taken,
                 charged->units, charged->pay);
  }
  if (const auto* ended = std::get_if<Ended>(&record.fact); ended && ended->units == 1) {
    return entry(record, EntryKind::earning, ended->doctor, ended->session, ended->hold, 1,
                 ended->pay);
  }
  if (const auto* refunded = std::get_if<Refunded>(&record.fact)) {
    return entry(record, EntryKind::refund, refunded->doctor, refunded->session, refunded->payer,
                 refunded->units, negative(refunded->pay));
  }
  if (const auto* requested = std::get_if<WithdrawalRequested>(&record.fact)) {
    return entry(record, EntryKind::withdrawal, requested->doctor, negative(requested->amount));
  }
  if (const auto* moved = std::get_if<WithdrawalMoved>(&record.fact);
      moved && moved->status == WithdrawalStatus::rejected) {
    return entry(record, EntryKind::withdrawal_rejected, moved->doctor, moved->amount);
  }
  return std::nullopt;
}

}  // namespace toll::billing

#include "billing/statement.hpp"

namespace toll::billing {

namespace {

std::optional<std::string> nonempty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

WalletEntry earning(const Record& record, const std::string& doctor, const std::string& session,
                    const Hold& payer, std::int64_t units, const Money& pay) {
  return {record.seq,         record.at, EntryKind::earning,         pay, doctor, session,
          payer.subscription, units,     nonempty(payer.payment_ref)};
}

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
  }
  return lines;
}

std::optional<WalletEntry> wallet_entry(const Record& record) {
  if (const auto* charged = std::get_if<Charged>(&record.fact)) {
    return earning(record, charged->doctor, charged->session, charged->taken, charged->units,
                   charged->pay);
  }
  if (const auto* ended = std::get_if<Ended>(&record.fact); ended && ended->units == 1) {
    return earning(record, ended->doctor, ended->session, ended->hold, 1, ended->pay);
  }
  return std::nullopt;
}

}  // namespace toll::billing

// THE FORMAT ON DISK. DO NOT CHANGE: data directories written by every earlier version must open.
// New facts go to the end. New fields of a fact go to the end of it, with `since` (codec.hpp) and
// the flag of the edition that is not released yet; nothing is moved or reused. docs/DATA.md
// explains it in prose; codec.hpp says how a single value becomes bytes.
#pragma once

#include "billing/clock_offset.hpp"
#include "persistence/charges.hpp"
#include "persistence/codec.hpp"
#include "persistence/group.hpp"
#include "persistence/kept_answer.hpp"

namespace toll::persistence::format {

// --- Two databases: the data directory itself, and in it the directory of the rows ---

inline constexpr const char* journal_family = "journal";  ///< 8-byte big-endian first seq -> group
/// Folded from the journal. A new format of rows is a new name: a start removes rows with another
/// one, and folds the journal again. Until rows.2 they were a column family beside the journal;
/// the mark of rows.3 had no digest, that of rows.4 only the outage under way.
inline constexpr const char* rows_directory = "rows.5";
inline constexpr const char* rows_directories = "rows.";  ///< what all of their names begin with
inline constexpr const char* rows_families = "rows";      ///< and those of the families
// The default column family of the data directory has three keys, written synced:
inline constexpr const char* sign_of_life_key = "sign_of_life";  ///< -> SignOfLife
inline constexpr const char* clock_key =
    "clock";  ///< -> `wall` or `test`: which one made the history
inline constexpr const char* epoch_key = "epoch";  ///< -> Epoch, +1 at each start

/// The rows as the last `verify --since-last` found them, of this format and of any.
inline constexpr const char* verified_rows_directory = "verified-rows.5";
inline constexpr const char* verified_rows_directories = "verified-rows.";

/// In the data directory while the server knows that old tables of its journal are damaged: which,
/// and where, as a sentence.
inline constexpr const char* damaged_history_file = "HISTORY-DAMAGED";

// --- A group: one value of the journal. Integers little-endian at fixed places ---

inline constexpr std::uint32_t group_version = 1;
inline constexpr std::size_t at_version = 0;        ///< u32
inline constexpr std::size_t at_payload_bytes = 4;  ///< u32
inline constexpr std::size_t at_first_seq = 8;      ///< u64
inline constexpr std::size_t at_records = 16;       ///< u32
inline constexpr std::size_t at_reserved = 20;      ///< u32, 0
inline constexpr std::size_t at_previous = 24;      ///< digest of the group before, 0 in the first
inline constexpr std::size_t at_digest = 56;        ///< SHA-256 of everything but these 32 bytes
inline constexpr std::size_t group_header_bytes = 88;
inline constexpr std::size_t digest_bytes = 32;

// --- A record in a group: varint length, then flags, varint instant, tag, cause if any, fields ---
// The sequence number is the group's first one plus the position in the group.

inline constexpr std::uint8_t flag_cause = 1;      ///< the record has a cause
inline constexpr std::uint8_t flag_edition_2 = 2;  ///< and fields of the second edition of its kind
inline constexpr std::uint8_t edition_flags = flag_edition_2;
inline constexpr std::uint8_t known_flags = flag_cause | edition_flags;

/// The tag is the position of the alternative in billing::Fact.
template <std::size_t Tag>
using Tagged = std::variant_alternative_t<Tag, billing::Fact>;
static_assert(std::is_same_v<Tagged<0>, billing::Granted>);
static_assert(std::is_same_v<Tagged<1>, billing::Changed>);
static_assert(std::is_same_v<Tagged<2>, billing::ToppedUp>);
static_assert(std::is_same_v<Tagged<3>, billing::DoctorRegistered>);
static_assert(std::is_same_v<Tagged<4>, billing::Created>);
static_assert(std::is_same_v<Tagged<5>, billing::DeadlineSet>);
static_assert(std::is_same_v<Tagged<6>, billing::Activated>);
static_assert(std::is_same_v<Tagged<7>, billing::Charged>);
static_assert(std::is_same_v<Tagged<8>, billing::Forgiven>);
static_assert(std::is_same_v<Tagged<9>, billing::Ended>);
static_assert(std::is_same_v<Tagged<10>, billing::PolicyRecorded>);
static_assert(std::is_same_v<Tagged<11>, billing::OutageBegan>);
static_assert(std::is_same_v<Tagged<12>, billing::Ready>);
static_assert(std::is_same_v<Tagged<13>, billing::WithdrawalRequested>);
static_assert(std::is_same_v<Tagged<14>, billing::WithdrawalMoved>);
static_assert(std::is_same_v<Tagged<15>, billing::Refunded>);
static_assert(std::is_same_v<Tagged<16>, billing::BatchAnswered>);
static_assert(std::is_same_v<Tagged<17>, billing::ClockAdvanced>);
static_assert(std::is_same_v<Tagged<18>, billing::HistoryGivenUp>);
static_assert(std::is_same_v<Tagged<19>, billing::ClockAccepted>);
static_assert(std::is_same_v<Tagged<20>, billing::ClockResumed>);
static_assert(std::is_same_v<Tagged<21>, billing::OutageJudged>);

// --- Keys of rows: a letter, then (text = 2-byte big-endian length + bytes; be64 = 8 bytes) ---

inline constexpr char mark_row = 'A';           ///< alone -> Mark
inline constexpr char policy_row = 'P';         ///< be64 version -> Policy
inline constexpr char session_row = 's';        ///< id -> Row of Session, and Charges merged
inline constexpr char subscription_row = 'u';   ///< id -> Row of Subscription, and Charges merged
inline constexpr char doctor_row = 'd';         ///< id -> Row of Doctor, and Charges merged
inline constexpr char withdrawal_row = 'w';     ///< id -> Row of Withdrawal
inline constexpr char kept_row = 'k';           ///< 16-byte key digest -> KeptAnswer
inline constexpr char expiry_index = 'x';       ///< be64 instant, key digest -> nothing
inline constexpr char all_index = 'a';          ///< be64 created_seq -> status byte, session id
inline constexpr char patient_index = 'p';      ///< text patient, be64 created_seq -> the same
inline constexpr char doctor_index = 'o';       ///< text doctor, be64 created_seq -> the same
inline constexpr char status_index = 'i';       ///< status byte, be64 created_seq -> the same
inline constexpr char statement_posting = 't';  ///< text session, be64 first seq -> Places
inline constexpr char entry_posting = 'e';      ///< text doctor, be64 first seq -> Places

/// Places move from a row to postings of their own once there are so many, all of them at once.
inline constexpr std::size_t min_posting = 16;
inline constexpr std::size_t max_posting = 4096;

}  // namespace toll::persistence::format

namespace toll::persistence {

/// How far the rows are: written in the same batch as the rows themselves.
struct Mark {
  billing::Seq applied = 0;        ///< the last record of a group
  Digest digest{};                 ///< of that group: which journal they were folded from
  billing::Instant newest_at = 0;  ///< the latest instant of any record so far
  billing::Outages outages;        ///< the one under way, and recent ones
  std::optional<billing::ClockOffset> clock_offset;  ///< resumed, and not met or accepted since
  bool operator==(const Mark&) const = default;
};

struct SignOfLife {
  billing::Instant at = 0;
};

struct Epoch {
  std::uint64_t number = 0;
};

template <>
inline constexpr unsigned enum_size<billing::Channel> = 3;
template <>
inline constexpr unsigned enum_size<billing::Status> = 5;
template <>
inline constexpr unsigned enum_size<billing::Party> = 3;
template <>
inline constexpr unsigned enum_size<billing::EndReason> = 5;
template <>
inline constexpr unsigned enum_size<billing::ExpiryPolicy> = 2;
template <>
inline constexpr unsigned enum_size<billing::WithdrawalStatus> = 4;
template <>
inline constexpr unsigned enum_size<billing::OutageVerdict> = 2;

template <>
inline constexpr unsigned enum_size<billing::Refusal> = billing::refusal_count;

template <class T, class U>
concept Of = std::same_as<std::remove_const_t<T>, U>;

// --- Values ---

template <class V>
bool fields(V& v, Of<billing::Currency> auto& o) {
  return v(o.code);
}
template <class V>
bool fields(V& v, Of<billing::Money> auto& o) {
  return v(o.amount, o.currency);
}
template <class V>
bool fields(V& v, Of<billing::Hold> auto& o) {
  return v(o.subscription, o.payment_ref);
}
template <class V>
bool fields(V& v, Of<billing::Run> auto& o) {
  return v(o.subscription, o.payment_ref, o.units);
}
template <class V>
bool fields(V& v, Of<billing::DowntimePolicy> auto& o) {
  return v(o.cap);
}
template <class V>
bool fields(V& v, Of<billing::Policy> auto& o) {
  return v(o.interval_s, o.manual_unit, o.min_billable_s, o.response_window_s, o.ring_timeout_s,
           o.waiting_limit_s, o.expiry, o.downtime, o.rates) &&
         v.since(format::flag_edition_2, o.known_doctors_only);
}

// --- Facts ---

template <class V>
bool fields(V& v, Of<billing::Granted> auto& o) {
  return v(o.subscription, o.version, o.patient, o.members, o.units, o.starts_at, o.ends_at,
           o.rollover_days, o.plan, o.payment_ref, o.fingerprint);
}
template <class V>
bool fields(V& v, Of<billing::Changed> auto& o) {
  return v(o.subscription, o.version, o.enabled, o.members, o.ends_at) &&
         v.since(format::flag_edition_2, o.oldest_live);
}
template <class V>
bool fields(V& v, Of<billing::ToppedUp> auto& o) {
  return v(o.subscription, o.version, o.units);
}
template <class V>
bool fields(V& v, Of<billing::DoctorRegistered> auto& o) {
  return v(o.doctor, o.version, o.currency);
}
template <class V>
bool fields(V& v, Of<billing::Created> auto& o) {
  return v(o.session, o.version, o.channel, o.patient, o.doctor, o.currency, o.external_ref,
           o.policy_version, o.hold);
}
template <class V>
bool fields(V& v, Of<billing::DeadlineSet> auto& o) {
  return v(o.session, o.version, o.deadline);
}
template <class V>
bool fields(V& v, Of<billing::Activated> auto& o) {
  return v(o.session, o.version);
}
template <class V>
bool fields(V& v, Of<billing::Charged> auto& o) {
  return v(o.session, o.version, o.channel, o.first_interval, o.units, o.taken, o.hold, o.doctor,
           o.pay, o.triggered_by);
}
template <class V>
bool fields(V& v, Of<billing::Forgiven> auto& o) {
  return v(o.session, o.version, o.first_interval, o.intervals, o.triggered_by);
}
template <class V>
bool fields(V& v, Of<billing::Ended> auto& o) {
  return v(o.session, o.version, o.channel, o.status, o.ended_at, o.ended_by, o.end_reason,
           o.reason, o.interval, o.units, o.hold, o.doctor, o.pay, o.triggered_by);
}
template <class V>
bool fields(V& v, Of<billing::PolicyRecorded> auto& o) {
  return v(o.version, o.policy);
}
template <class V>
bool fields(V& v, Of<billing::OutageBegan> auto& o) {
  return v(o.since);
}
template <class V>
bool fields(V&, Of<billing::Ready> auto&) {
  return true;
}

template <class V>
bool fields(V& v, Of<billing::WithdrawalRequested> auto& o) {
  return v(o.withdrawal, o.doctor, o.version, o.amount);
}
template <class V>
bool fields(V& v, Of<billing::WithdrawalMoved> auto& o) {
  return v(o.withdrawal, o.doctor, o.version, o.status, o.amount);
}
template <class V>
bool fields(V& v, Of<billing::Refunded> auto& o) {
  return v(o.session, o.version, o.channel, o.payer, o.units, o.doctor, o.pay, o.reason);
}

template <class V>
bool fields(V& v, Of<billing::BatchItem> auto& o) {
  return v(o.deducted, o.refusal, o.served);
}
template <class V>
bool fields(V& v, Of<billing::BatchAnswered> auto& o) {
  return v(o.items);
}
template <class V>
bool fields(V&, Of<billing::ClockAdvanced> auto&) {
  return true;
}
template <class V>
bool fields(V& v, Of<billing::HistoryGivenUp> auto& o) {
  return v(o.after, o.lost_to);
}
template <class V>
bool fields(V& v, Of<billing::ClockAccepted> auto& o) {
  return v(o.from);
}
template <class V>
bool fields(V& v, Of<billing::ClockResumed> auto& o) {
  return v(o.offset_ms);
}
template <class V>
bool fields(V& v, Of<billing::OutageJudged> auto& o) {
  return v(o.since, o.verdict);
}

template <class V>
bool fields(V& v, Of<billing::Cause> auto& o) {
  return v(o.key, o.request, o.deducted, o.intervals_due, o.refunded);
}

// --- Rows ---

template <class V>
bool fields(V& v, Of<Places> auto& o) {
  if constexpr (std::is_const_v<std::remove_reference_t<decltype(o)>>) {
    return v(o.bytes());
  } else {
    std::string bytes;
    return v(bytes) && o.read(bytes);
  }
}
template <class V>
bool fields(V& v, Of<Charges> auto& o) {
  return v(o.first_version, o.records, o.first_interval, o.at, o.units, o.pay, o.places);
}
template <class V, class Entity>
bool fields(V& v, Row<Entity>& o) {
  return v(o.entity, o.newest);
}
template <class V, class Entity>
bool fields(V& v, const Row<Entity>& o) {
  return v(o.entity, o.newest);
}
template <class V>
bool fields(V& v, Of<billing::Session> auto& o) {
  return v(o.id, o.version, o.channel, o.status, o.patient, o.doctor, o.external_ref, o.currency,
           o.policy_version, o.created_seq, o.created_at, o.last_at, o.response_deadline,
           o.activated_at, o.ended_at, o.ended_by, o.end_reason, o.reason, o.intervals_processed,
           o.units_used, o.units_refunded, o.manual_applied, o.hold, o.runs);
}
template <class V>
bool fields(V& v, Of<billing::EarlierEnd> auto& o) {
  return v(o.until, o.end);
}
template <class V>
bool fields(V& v, Of<billing::Subscription> auto& o) {
  return v(o.id, o.version, o.patient, o.members, o.starts_at, o.ends_at, o.rollover_days,
           o.enabled, o.plan, o.payment_ref, o.fingerprint, o.last_at, o.granted, o.taken,
           o.refunded, o.held, o.earlier_ends);
}
template <class V>
bool fields(V& v, Of<billing::Doctor> auto& o) {
  return v(o.id, o.version, o.currency, o.named, o.earned, o.withdrawn, o.pending);
}
template <class V>
bool fields(V& v, Of<billing::Withdrawal> auto& o) {
  return v(o.id, o.doctor, o.amount, o.status, o.requested_at, o.changed_at);
}
template <class V>
bool fields(V& v, Of<KeptAnswer> auto& o) {
  return v(o.at, o.cause, o.created, o.manual_unit, o.session, o.subscription, o.withdrawal,
           o.items, o.doctor);
}
template <class V>
bool fields(V& v, Of<billing::ClockOffset> auto& o) {
  return v(o.at, o.ms);
}
template <class V>
bool fields(V& v, Of<billing::Outage> auto& o) {
  return v(o.since, o.until);
}
template <class V>
bool fields(V& v, Of<billing::Outages> auto& o) {
  return v(o.over, o.since, o.verdict);
}
template <class V>
bool fields(V& v, Of<Mark> auto& o) {
  return v(o.applied, o.digest, o.newest_at, o.outages, o.clock_offset);
}
template <class V>
bool fields(V& v, Of<SignOfLife> auto& o) {
  return v(o.at);
}
template <class V>
bool fields(V& v, Of<Epoch> auto& o) {
  return v(o.number);
}

}  // namespace toll::persistence

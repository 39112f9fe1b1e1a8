#include "http/policy_file.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

#include "http/json_reader.hpp"

namespace toll::http {

namespace {

constexpr std::int64_t year_s = 365 * 86'400;
constexpr std::int64_t max_rate = 1'000'000'000;
constexpr std::int64_t max_cap = 1'000'000'000;
constexpr std::string_view cap_prefix = "cap:";

std::optional<billing::ExpiryPolicy> parse_expiry(std::string_view text) {
  if (text == "grandfather") return billing::ExpiryPolicy::grandfather;
  if (text == "strict") return billing::ExpiryPolicy::strict;
  return std::nullopt;
}

std::optional<billing::DowntimePolicy> parse_downtime(std::string_view text) {
  if (text == "bill_all") return billing::DowntimePolicy{};
  if (text == "forgive") return billing::DowntimePolicy{0};
  if (!text.starts_with(cap_prefix)) return std::nullopt;
  text.remove_prefix(cap_prefix.size());
  std::int64_t cap = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), cap);
  const bool whole = failure == std::errc() && stop == text.data() + text.size();
  if (!whole || cap < 0 || cap > max_cap) return std::nullopt;
  return billing::DowntimePolicy{cap};
}

std::string downtime_text(const billing::DowntimePolicy& downtime) {
  if (downtime.cap == billing::DowntimePolicy::no_cap) return "bill_all";
  return downtime.cap == 0 ? "forgive" : std::string(cap_prefix) + std::to_string(downtime.cap);
}

/// Overwrites what the file names.
void merge(ObjectReader& fields, std::string_view name, std::int64_t& value, std::int64_t least,
           std::int64_t most) {
  value = fields.optional_integer(name, least, most).value_or(value);
}

void merge_channels(ObjectReader& fields, billing::Units& values, std::int64_t most) {
  for (const billing::Channel channel : billing::channels) {
    merge(fields, billing::name(channel), values[billing::index(channel)], 0, most);
  }
}

void merge_rates(ObjectReader& rates, billing::Policy& policy) {
  for (const std::string& code : rates.names()) {
    const auto currency = billing::parse_currency(code);
    if (!currency) return rates.fail(code, " must be a currency code of three capital letters.");
    rates.optional_object(code, [&](ObjectReader& fields) {
      if (!policy.has_rates(*currency)) {
        for (const billing::Channel channel : billing::channels) fields.require(name(channel));
      }
      merge_channels(fields, policy.rates[*currency], max_rate);
    });
  }
}

void write_channels(JsonWriter& json, std::string_view name, const billing::Units& values) {
  json.key(name).begin_object();
  for (const billing::Channel channel : billing::channels) {
    json.field(billing::name(channel), values[billing::index(channel)]);
  }
  json.end_object();
}

}  // namespace

PolicyText parse_policy(std::string_view text) {
  PolicyText result;
  billing::Policy& policy = result.policy;
  const ParsedJson parsed = parse_json(text);
  result.error = parsed.error;
  ObjectReader fields(parsed.value, "", result.error);
  merge(fields, "interval_s", policy.interval_s, 1, year_s);
  policy.manual_unit = fields.optional_flag("manual_unit").value_or(policy.manual_unit);
  fields.optional_object("min_billable_s", [&](ObjectReader& channels) {
    merge_channels(channels, policy.min_billable_s, year_s);
  });
  merge(fields, "response_window_s", policy.response_window_s, 1, year_s);
  merge(fields, "ring_timeout_s", policy.ring_timeout_s, 1, year_s);
  merge(fields, "waiting_limit_s", policy.waiting_limit_s, 1, year_s);
  policy.expiry = fields.optional_choice("expiry_policy", parse_expiry, "grandfather or strict")
                      .value_or(policy.expiry);
  policy.downtime = fields
                        .optional_choice("downtime_policy", parse_downtime,
                                         "bill_all, forgive or cap:N with N up to 1000000000")
                        .value_or(policy.downtime);
  fields.optional_object("rates", [&](ObjectReader& rates) { merge_rates(rates, policy); });
  policy.known_doctors_only =
      fields.optional_flag("known_doctors_only").value_or(policy.known_doctors_only);
  fields.finish();
  return result;
}

PolicyText read_policy_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return {{}, "cannot be read"};
  return parse_policy(text.str());
}

void write_policy(JsonWriter& json, const billing::Policy& policy) {
  json.begin_object();
  json.field("interval_s", policy.interval_s);
  json.field("manual_unit", policy.manual_unit);
  write_channels(json, "min_billable_s", policy.min_billable_s);
  json.field("response_window_s", policy.response_window_s);
  json.field("ring_timeout_s", policy.ring_timeout_s);
  json.field("waiting_limit_s", policy.waiting_limit_s);
  json.field("expiry_policy",
             policy.expiry == billing::ExpiryPolicy::strict ? "strict" : "grandfather");
  json.field("downtime_policy", downtime_text(policy.downtime));
  json.key("rates").begin_object();
  for (const auto& [currency, rates] : policy.rates) write_channels(json, currency.view(), rates);
  json.end_object();
  json.field("known_doctors_only", policy.known_doctors_only);
  json.end_object();
}

}  // namespace toll::http

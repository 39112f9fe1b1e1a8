#include "http/time_format.hpp"

#include <chrono>

namespace toll::http {

namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t minute_ms = 60'000;

/// Takes text from the front; once something did not fit, `ok` stays false.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  bool next_is_digit() const { return !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; }

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!next_is_digit()) return ok = false, 0;
      value = value * 10 + (rest[0] - '0');
      rest.remove_prefix(1);
    }
    return value;
  }

  /// RFC 3339 allows t and z in lower case.
  bool accept(char upper) {
    const bool letter = upper >= 'A' && upper <= 'Z';
    const bool found =
        !rest.empty() && (rest[0] == upper || (letter && rest[0] == upper - 'A' + 'a'));
    if (found) rest.remove_prefix(1);
    return found;
  }

  void expect(char upper) {
    if (!accept(upper)) ok = false;
  }

  /// The digits after the decimal point, as milliseconds; further digits are dropped.
  int fraction_ms() {
    if (!next_is_digit()) return ok = false, 0;
    int value = 0;
    int scale = 100;
    while (next_is_digit()) {
      value += (rest[0] - '0') * scale;
      scale /= 10;
      rest.remove_prefix(1);
    }
    return value;
  }

  std::int64_t offset_ms() {
    if (accept('Z')) return 0;
    const bool behind = accept('-');
    if (!behind) expect('+');
    const int hours = number(2);
    expect(':');
    const int minutes = number(2);
    if (hours > 23 || minutes > 59) ok = false;
    const std::int64_t offset = (hours * 60 + minutes) * minute_ms;
    return behind ? -offset : offset;
  }
};

void append_number(std::string& out, std::int64_t value, int digits) {
  char text[20];
  for (int i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

}  // namespace

std::optional<billing::Instant> parse_time(std::string_view text) {
  Scanner scan{text};
  const int years = scan.number(4);
  scan.expect('-');
  const int months = scan.number(2);
  scan.expect('-');
  const int month_days = scan.number(2);
  scan.expect('T');
  const int hours = scan.number(2);
  scan.expect(':');
  const int minutes = scan.number(2);
  scan.expect(':');
  const int seconds = scan.number(2);
  const int ms = scan.accept('.') ? scan.fraction_ms() : 0;
  const std::int64_t offset = scan.offset_ms();
  if (!scan.ok || !scan.rest.empty()) return std::nullopt;

  const year_month_day date{year{years}, month{static_cast<unsigned>(months)},
                            day{static_cast<unsigned>(month_days)}};
  // A leap second has no millisecond of its own on this clock, so :60 is refused, not shifted.
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  const std::int64_t date_days = sys_days{date}.time_since_epoch().count();
  const billing::Instant at =
      date_days * day_ms + (hours * 60 + minutes) * minute_ms + seconds * 1000 + ms - offset;
  if (at < 0 || at > latest_instant) return std::nullopt;
  return at;
}

void append_time(std::string& out, billing::Instant at) {
  std::int64_t whole_days = at / day_ms;
  std::int64_t in_day = at % day_ms;
  if (in_day < 0) {
    in_day += day_ms;
    --whole_days;
  }
  const year_month_day date{sys_days{days{whole_days}}};
  const int years = static_cast<int>(date.year());
  append_number(out, years, years > 9999 ? 5 : 4);
  out += '-';
  append_number(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_number(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_number(out, in_day / 3'600'000, 2);
  out += ':';
  append_number(out, in_day / minute_ms % 60, 2);
  out += ':';
  append_number(out, in_day / 1000 % 60, 2);
  out += '.';
  append_number(out, in_day % 1000, 3);
  out += 'Z';
}

}  // namespace toll::http

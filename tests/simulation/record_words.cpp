// A record of the journal in a line.
#include <sstream>

#include "tests/simulation/oracle.hpp"

namespace toll::tests {

using namespace billing;

namespace {

template <class Fact>
void tell(std::ostream& out, const Fact& f) {
  if constexpr (requires { f.session; }) out << ' ' << f.session;
  if constexpr (requires { f.subscription; }) out << ' ' << f.subscription;
  if constexpr (requires { f.withdrawal; }) out << ' ' << f.withdrawal;
  if constexpr (requires { f.first_interval; }) out << ", from interval " << f.first_interval;
  if constexpr (requires { f.intervals; }) out << ", " << f.intervals << " intervals";
  if constexpr (requires { f.end_reason; }) {
    out << ", " << name(f.status) << ", " << name(f.end_reason) << " by " << name(f.ended_by);
  }
  if constexpr (requires { f.units + std::int64_t{1}; }) out << ", units " << f.units;
  if constexpr (requires { f.taken; }) out << " from " << f.taken.subscription;
  if constexpr (requires { f.payer; }) out << " to " << f.payer.subscription;
  if constexpr (requires { f.hold; }) out << ", hold " << f.hold.subscription;
  if constexpr (requires { f.since; }) out << " at " << duration(f.since - start_of_story);
}

}  // namespace

std::string in_words(const Record& record) {
  std::ostringstream out;
  out << record.seq << " (" << duration(record.at - start_of_story) << ") " << name(record.fact);
  std::visit([&](const auto& fact) { tell(out, fact); }, record.fact);
  return out.str();
}

}  // namespace toll::tests

#include "tools/report.hpp"

#include <iostream>

namespace toll::tools {

void print(const persistence::Verified& found, bool has_rows) {
  if (found.since > 0) {
    std::cout << "since          record " << found.since
              << ", the last verification's: what follows is of what came after it\n";
  }
  std::cout << "journal        " << found.groups << " groups, " << found.records - found.since
            << " records: checksums, chain and order are right\n";
  if (has_rows) {
    std::cout << "rows           " << found.rows << " rows at record " << found.applied
              << (found.since > 0 ? ": equal to those of the last one and the fold since\n"
                                  : ": equal to the fold of the journal\n");
  }
  std::cout << "sessions       " << found.sessions << ", live " << found.live_sessions
            << ": each live one holds exactly one unit\n"
            << "subscriptions  " << found.subscriptions << ", units taken " << found.units_taken
            << ": granted + refunded = free + held + taken\n"
            << "doctors        " << found.doctors << '\n';
  for (const auto& [currency, amount] : found.earned) {
    std::cout << "earned         " << amount << ' ' << currency.view()
              << " minor units: units taken x rate\n";
  }
  if (found.torn_bytes > 0) {
    std::cout << "torn           " << found.torn_bytes
              << " bytes at the end of the log, never acknowledged\n";
  }
  std::cout << "verified\n";
}

}  // namespace toll::tools

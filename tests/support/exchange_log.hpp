// Writes down what the server was asked and what it answered, so that a later test can compare
// every answer with the OpenAPI document. Off unless TOLL_EXCHANGES names a directory.
#pragma once

#include <map>
#include <string>

namespace toll::test {

struct Exchange {
  std::string method{}, target{};  ///< empty when the request was no HTTP
  std::string request_type{}, request_body{};
  int status = 0;
  std::map<std::string, std::string> headers{};  ///< of the answer, names in lower case
  std::string body{};
};

/// Appends a line of JSON to a file of this process. Exchanges that differ from an earlier one in
/// digits and capitals only are left out: load tests would fill the disk with them. Thread-safe.
void record(const Exchange& exchange);

}  // namespace toll::test

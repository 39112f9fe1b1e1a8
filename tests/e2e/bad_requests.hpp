// A table of requests that must be refused, generated from what each route allows.
#pragma once

#include <string>
#include <vector>

namespace toll::test {

struct BadRequest {
  std::string why;
  std::string method;
  std::string target;
  std::string body;
  std::string content_type = "application/json";
  int status = 400;
};

/// Bad bodies of every route that takes one: broken JSON, wrong types, missing, unknown and doubled
/// fields, numbers and ids out of range, wrong content types, too much.
std::vector<BadRequest> bad_bodies();

/// Bad targets, query parameters and methods.
std::vector<BadRequest> bad_targets();

/// Bytes that are not an HTTP/1.1 request that the server takes, and the status of the answer.
struct BadBytes {
  std::string why;
  std::string bytes;
  int status = 400;
};
std::vector<BadBytes> bad_bytes();

}  // namespace toll::test

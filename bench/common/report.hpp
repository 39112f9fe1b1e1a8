// How figures are shown: a table for people, one JSON document for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace toll::bench {

using Json = nlohmann::ordered_json;

/// Rows of equal objects as a table with their keys as heads, numbers with three digits that count.
std::string table(const std::vector<Json>& rows);

/// Three digits that count: 1234567 is 1230000, 0.012345 is 0.0123.
double rounded(double value);

}  // namespace toll::bench

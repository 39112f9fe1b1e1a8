// The bytes of requests, and the few things that are read out of answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace toll::bench {

void put_request(std::string& bytes, std::string_view method, std::string_view target,
                 std::string_view body = {});

/// The first integer behind `"field":` in the body, or -1.
std::int64_t read_number(std::string_view body, std::string_view field);

}  // namespace toll::bench

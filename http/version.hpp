// The version of Toll: the one of CMakeLists.txt, wherever it is shown.
#pragma once

#include <string_view>

namespace toll::http {

extern const std::string_view version;

}  // namespace toll::http

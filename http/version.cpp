#include "http/version.hpp"

namespace toll::http {

const std::string_view version = TOLL_VERSION;

}  // namespace toll::http

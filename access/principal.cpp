#include "access/principal.hpp"

namespace toll::access {

std::optional<Grant> parse_grant(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view role = text.substr(0, colon);
  for (std::size_t i = 0; i < role_names.size(); ++i) {
    if (role != role_names[i]) continue;
    Grant grant{static_cast<Role>(i), {}};
    if (colon != text.npos) grant.id = text.substr(colon + 1);
    const bool right = is_person(grant.role) ? billing::valid_id(grant.id) : colon == text.npos;
    return right ? std::optional(std::move(grant)) : std::nullopt;
  }
  return std::nullopt;
}

std::string text(const Grant& grant) {
  std::string text(role_names[static_cast<std::size_t>(grant.role)]);
  if (is_person(grant.role)) text += ":" + grant.id;
  return text;
}

std::optional<billing::Person> Principal::person() const {
  if (!is_person(grant.role)) return std::nullopt;
  const bool patient = grant.role == Role::patient;
  return billing::Person{patient ? billing::Party::patient : billing::Party::doctor, grant.id};
}

}  // namespace toll::access

#include "access/principal.hpp"

#include <array>

namespace toll::access {

namespace {

constexpr std::array<std::string_view, 5> names{"admin", "service", "patient", "doctor", "read"};

bool is_person(Role role) { return role == Role::patient || role == Role::doctor; }

}  // namespace

std::optional<Grant> parse_grant(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view role = text.substr(0, colon);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (role != names[i]) continue;
    Grant grant{static_cast<Role>(i), {}};
    if (colon != text.npos) grant.id = text.substr(colon + 1);
    const bool right = is_person(grant.role) ? billing::valid_id(grant.id) : colon == text.npos;
    return right ? std::optional(std::move(grant)) : std::nullopt;
  }
  return std::nullopt;
}

std::string text(const Grant& grant) {
  std::string text(names[static_cast<std::size_t>(grant.role)]);
  if (is_person(grant.role)) text += ":" + grant.id;
  return text;
}

std::optional<billing::Person> Principal::person() const {
  if (!is_person()) return std::nullopt;
  const bool patient = grant.role == Role::patient;
  return billing::Person{patient ? billing::Party::patient : billing::Party::doctor, grant.id};
}

}  // namespace toll::access

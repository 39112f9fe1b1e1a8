// Who a request comes from, and in which role.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "billing/person.hpp"

namespace toll::access {

enum class Role : std::uint8_t {
  admin,    ///< everything
  service,  ///< a backend: all money and all sessions
  patient,  ///< what concerns one patient
  doctor,   ///< what concerns one doctor
  read,     ///< every GET
};
inline constexpr std::array<std::string_view, 5> role_names{"admin", "service", "patient", "doctor",
                                                            "read"};

/// A patient or a doctor, not a backend.
constexpr bool is_person(Role role) { return role == Role::patient || role == Role::doctor; }

/// A role, and for a patient or a doctor who he is.
struct Grant {
  Role role = Role::read;
  std::string id;  ///< of the patient or the doctor, else empty

  bool operator==(const Grant&) const = default;
};

/// `admin`, `service`, `read`, `patient:ID`, `doctor:ID`.
std::optional<Grant> parse_grant(std::string_view text);
std::string text(const Grant& grant);

struct Principal {
  std::string name;  ///< nobody else's, and the same for every request that he sends
  Grant grant;

  /// The one person whom alone his requests may concern; none for a backend.
  std::optional<billing::Person> person() const;
};
using PrincipalPtr = std::shared_ptr<const Principal>;

}  // namespace toll::access

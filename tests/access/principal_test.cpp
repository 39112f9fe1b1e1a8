#include "access/principal.hpp"

#include <catch2/catch.hpp>

using namespace toll;
using namespace toll::access;

TEST_CASE("a role is read as it is written") {
  const auto [role, grant] = GENERATE(table<std::string, Grant>({
      {"admin", {Role::admin, ""}},
      {"service", {Role::service, ""}},
      {"read", {Role::read, ""}},
      {"patient:p1", {Role::patient, "p1"}},
      {"doctor:a:b", {Role::doctor, "a:b"}},
  }));
  CHECK(parse_grant(role) == grant);
  CHECK(text(grant) == role);
}

TEST_CASE("what is no role") {
  const auto role = GENERATE(as<std::string>(), "", "Admin", "root", "admin:", "admin:x", "patient",
                             "patient:", "patient:a b", "doctor:\xc3\xa4", ":p1", "read:p1");
  INFO(role);
  CHECK_FALSE(parse_grant(role));
}

TEST_CASE("patients and doctors speak for one person, everybody else for none") {
  CHECK(Principal{"x", {Role::patient, "p1"}}.person() ==
        billing::Person{billing::Party::patient, "p1"});
  CHECK(Principal{"x", {Role::doctor, "d1"}}.person() ==
        billing::Person{billing::Party::doctor, "d1"});
  CHECK_FALSE(Principal{"x", {Role::service, ""}}.person());
  CHECK_FALSE(Principal{"x", {Role::admin, ""}}.person());
  CHECK_FALSE(Principal{"x", {Role::read, ""}}.person());
}

// The rules and the naive model side by side: one step is carried out on both, then everything that
// anybody could see is compared.
#pragma once

#include <rapidcheck.h>

#include <ostream>
#include <string>

#include "tests/billing/world.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

/// One command of a random sequence; what the numbers select depends on the kind.
struct Step {
  unsigned kind = 0;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned ahead = 0;  ///< selects how far the clock goes first
};
std::ostream& operator<<(std::ostream& out, const Step& step);

class Pair {
 public:
  static constexpr unsigned setups = 72;

  /// `setup` selects the policy, one of `setups`.
  explicit Pair(unsigned setup);

  /// Carries out the step on both; says where they differ, empty when nowhere.
  std::string play(const Step& step);

  World world;
  model::Model model;

 private:
  std::string act(const Step& step);
  std::string put(const Step& step);
  std::string patch(const Step& step);
  std::string outage(const Step& step);
  std::string change_policy(const Step& step);
  std::string difference() const;

  Instant now_ = t0;
};

}  // namespace toll::tests

namespace rc {
template <>
struct Arbitrary<toll::tests::Step> {
  static Gen<toll::tests::Step> arbitrary() {
    using toll::tests::Step;
    const auto number = gen::inRange(0U, 1000U);
    return gen::build<Step>(gen::set(&Step::kind, number), gen::set(&Step::a, number),
                            gen::set(&Step::b, number), gen::set(&Step::c, number),
                            gen::set(&Step::ahead, number));
  }
};
}  // namespace rc

// A naive server clock: what docs/RULES.md says under "The clock", told once more. It shares no
// code with actors/, and has no clock of its own either: it is told of everything that happens.
#pragma once

#include <cstdint>

namespace toll::tests {

class ModelClock {
 public:
  using Ms = std::int64_t;

  explicit ModelClock(Ms wall) : wall_(wall), server_(wall) {}

  Ms wall() const { return wall_; }
  Ms server() const { return server_; }
  bool astray() const { return astray_; }
  bool leads() const { return lead_ > 0; }
  /// Server time, of the wall clock.
  Ms ahead() const { return server_ - wall_; }

  /// Real time goes by, with a server that looks at its clock.
  void pass(Ms ms) {
    wall_ += ms;
    look(server_ + ms);
  }
  /// The wall clock alone steps.
  void step(Ms ms) {
    wall_ += ms;
    look(server_);
  }

  /// Nobody looks, and then somebody does, who knows only what was on record last.
  void away(Ms ms) { wall_ += ms; }
  /// A start, by a wall clock that server time led by so much when it was `led_from`.
  void start(Ms last_recorded, Ms lead, Ms led_from) {
    lead_ = wall_ >= last_recorded ? 0 : lead;
    led_from_ = led_from;
    server_ = last_recorded;
    const Ms shown = wall_ + lead_left();
    look(shown > last_recorded ? shown : last_recorded);
  }

  /// The operator has decided, server time being ahead of the wall clock or not.
  void resume() {
    lead_ = ahead();
    led_from_ = wall_;
    astray_ = false;
  }
  void accept() {
    if (ahead() > 0) return resume();
    lead_ = 0;
    server_ = wall_;
    astray_ = false;
  }

 private:
  static constexpr Ms five_minutes = 300'000;

  static bool far(Ms a, Ms b) { return a - b > five_minutes || b - a > five_minutes; }

  /// One second of a thousand is given back.
  Ms lead_left() const {
    const Ms gone = wall_ > led_from_ ? (wall_ - led_from_) / 1000 : 0;
    return gone < lead_ ? lead_ - gone : 0;
  }

  void look(Ms by_the_steady_clock) {
    if (lead_left() == 0) lead_ = 0;
    const bool led_too_far = far(wall_ + lead_left(), by_the_steady_clock);
    if (led_too_far && !far(wall_, by_the_steady_clock)) lead_ = 0;
    const Ms shown = wall_ + lead_left();
    astray_ = far(shown, by_the_steady_clock);
    if (astray_) {
      server_ = by_the_steady_clock;
    } else if (shown > server_) {
      server_ = shown;
    }
  }

  Ms wall_;
  Ms server_;
  Ms lead_ = 0;
  Ms led_from_ = 0;
  bool astray_ = false;
};

}  // namespace toll::tests

// Judges a simulated server. The journal says in which order things happened; the naive model says
// what each record must be, given those before it, and which answers were possible at some point
// between a request and its answer. A second set of books counts along.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "billing/clock_offset.hpp"
#include "billing/invariants.hpp"
#include "tests/actors/virtual_server.hpp"
#include "tests/simulation/story.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

/// All functions that return a string say what is wrong, empty: nothing.
class Oracle {
 public:
  /// `change_rules` is told every policy before the model is: a test makes the model believe in
  /// other rules than the server.
  explicit Oracle(std::function<void(model::Rules&)> change_rules)
      : change_rules_(std::move(change_rules)) {}

  /// Forgets how things were before now.
  void begin_step();
  /// This is about to be on record about the clock, unless a crash comes first.
  void decided(const billing::Fact& fact) { decided_.push_back(fact); }
  /// A client has asked this.
  void asked(const Request& request);
  /// The next record of the journal.
  std::string follow(const billing::Record& record, billing::Instant now);
  /// One answer; `floor` is what was durable when it was asked for, all quiet.
  std::string check(const Request& request, const Call& call, billing::Seq floor) const;
  /// Whether nothing is due that has not been done.
  std::string nothing_due(billing::Instant now) const;
  std::string totals() const;

  void sign_of_life_tried(billing::Instant at) { sign_tried_ = std::max(sign_tried_, at); }
  /// Changes are refused from this instant on: an outage may begin with it.
  void refused_from(billing::Instant at) { refused_from_.insert(at); }
  bool outage_under_way() const { return down_since_.has_value(); }
  void sign_of_life_given(billing::Instant at) { sign_given_ = std::max(sign_given_, at); }

  billing::Seq seen() const { return seen_; }
  int outages() const { return outages_; }                                    ///< on record
  const billing::ClockOffset& clock_offset() const { return clock_offset_; }  ///< the same; 0: none
  bool knows_rules() const { return model_.has_value(); }
  const model::Model& model() const { return *model_; }
  const billing::Policy& policy_of(const std::string& session) const;
  /// The record that keeps the key, if one does.
  std::optional<billing::Seq> kept(const std::string& key) const;
  /// Units of the session taken since the step began.
  std::int64_t taken(const std::string& session) const;
  const std::set<std::string>& touched() const { return touched_; }

 private:
  struct Moment {
    billing::Seq seq;
    model::Model model;
  };
  struct Known {
    std::uint32_t policy;
    std::string patient;
    std::string channel;
    model::Created created;
  };
  struct Follow;

  /// Whether `gave` (empty: nobody) can be the answer of a walk that met each subscription at some
  /// point of this step.
  std::string out_of_order(
      const std::string& gave,
      const std::function<std::vector<std::string>(const model::Model&)>& givers) const;
  std::string consequences(const Request& request, const Call& call) const;
  const model::Model& at_answer(const Call& call) const;

  std::function<void(model::Rules&)> change_rules_;
  std::optional<model::Model> model_;
  std::vector<Moment> moments_;  ///< of this step, its beginning first
  std::vector<billing::Policy> policies_;
  std::map<std::string, Known> sessions_;
  std::map<std::string, actors::PutSubscription> granted_;  ///< asked for, by fingerprint
  std::vector<Request> asked_;                              ///< in this step
  std::vector<billing::Fact> decided_;                      ///< the same, about the clock
  billing::ClockOffset clock_offset_;
  std::map<billing::RequestDigest, billing::Seq> keys_;  ///< and the record that keeps each
  std::set<std::string> touched_;
  billing::Books books_;
  billing::Seq seen_ = 0;
  std::optional<billing::Instant> down_since_;
  std::set<billing::Instant> refused_from_;
  int outages_ = 0;
  billing::Instant sign_tried_ = 0;
  billing::Instant sign_given_ = 0;
};

/// The cause that a request with this key carries.
billing::Cause cause_of(const Request& request);

/// What the model says to a command; asking changes it. None: it has no opinion.
std::optional<model::Outcome> ask(model::Model& model, const actors::Command& command,
                                  billing::Instant at);

/// Whether it is the answer of an earlier request with the same key.
bool replayed(const actors::Answer& answer);

/// A record for a person.
std::string in_words(const billing::Record& record);

}  // namespace toll::tests

#include "tests/simulation/small_scope.hpp"

#include <algorithm>
#include <sstream>
#include <unordered_set>

#include "tests/simulation/oracle.hpp"
#include "tests/simulation/small_commands.hpp"
#include "tests/support/model_views.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

constexpr const char* of_one_over = "something was written about a session that was over";
constexpr std::size_t at_once = 16;  ///< worlds that have something under way together

struct SmallWorld {
  Ordering ordering;
  std::vector<Record> setup;
  std::vector<std::vector<Record>> records;  ///< of each event
};

/// Where a crash comes: after so many records of an event, before anybody heard of it.
struct Cut {
  std::size_t event;
  std::size_t records;
};

class Exploration {
 public:
  Exploration(const Scope& scope, Placing placing, Recovery recovery, const Policy& policy)
      : scope_(scope), recovery_(recovery), policy_(policy) {
    for (Ordering& ordering : orderings(scope, placing))
      worlds_.push_back({std::move(ordering), {}, {}});
    explored_.orderings = worlds_.size();
  }

  Explored run() {
    explored_.wrong = play_calm();
    for (Cut cut{0, 0}; explored_.wrong.empty() && cut.event < scope_.events.size();) {
      const std::size_t before = explored_.crashes;
      explored_.wrong = crash_all(cut);
      // Where no journal is that long, the next event's records come.
      cut = explored_.crashes > before ? Cut{cut.event, cut.records + 1} : Cut{cut.event + 1, 0};
    }
    return explored_;
  }

 private:
  // --- The server ---

  /// Issues one command of each world, a few worlds at a time.
  template <class CommandOf>
  void play(VirtualServer& server, const std::vector<std::size_t>& worlds,
            const CommandOf& command_of) {
    for (std::size_t i = 0; i < worlds.size(); ++i) {
      const std::optional<std::pair<Instant, Command>> next = command_of(worlds[i]);
      if (next) server.issue_at(next->first, next->second);
      if ((i + 1) % at_once == 0) server.settle();
    }
    server.settle();
  }

  void play_event(VirtualServer& server, const std::vector<std::size_t>& worlds,
                  std::size_t event) {
    play(server, worlds, [&](std::size_t w) -> std::optional<std::pair<Instant, Command>> {
      const Placed& placed = worlds_[w].ordering[event];
      auto command = command_of(w, placed.event);
      if (!command) return std::nullopt;
      return std::pair(placed.at, *std::move(command));
    });
  }

  /// The records since `seen`, each to its world.
  template <class Keep>
  void collect(VirtualServer& server, Seq& seen, const Keep& keep) {
    for (Record& record : server.storage().rows().events(seen, 10'000'000)) {
      seen = record.seq;
      if (const auto w = world_of(record)) {
        keep(worlds_[*w], std::move(record));
      } else {
        servers_own_.push_back(std::move(record));
      }
    }
  }

  /// Whether the event comes to a session that an earlier one has ended.
  bool too_late(std::size_t w, std::size_t event) const {
    const Event& it = worlds_[w].ordering[event].event;
    if (it.kind != Event::Kind::timer && it.kind != Event::Kind::end) return false;
    for (std::size_t e = 0; e < event; ++e) {
      for (const Record& record : worlds_[w].records[e]) {
        const auto* ended = std::get_if<Ended>(&record.fact);
        if (ended && ended->session == id(w, "x", it.session)) return true;
      }
    }
    return false;
  }

  /// Each party ends each session that is over once more. That must write nothing, so of all six
  /// ends of two sessions only the first of each make orders. Of one session all three do.
  std::string end_again(VirtualServer& server, const std::vector<std::size_t>& worlds,
                        std::size_t event, Instant not_before) {
    const Seq before = server.storage().journal().last();
    for (int session = 0; scope_.sessions > 1 && session < scope_.sessions; ++session) {
      for (const Party party : {Party::patient, Party::doctor, Party::server}) {
        play(server, worlds, [&](std::size_t w) -> std::optional<std::pair<Instant, Command>> {
          if (server.storage().rows().session(id(w, "x", session))->live()) return std::nullopt;
          return std::pair(std::max(worlds_[w].ordering[event].at, not_before),
                           EndSession{id(w, "x", session), party, std::nullopt});
        });
      }
    }
    return server.storage().journal().last() == before ? "" : of_one_over;
  }

  std::string play_calm() {
    VirtualServer server(1, start_of_story, policy_);
    server.boot();
    ++explored_.starts;
    std::vector<std::size_t> all(worlds_.size());
    for (std::size_t w = 0; w < all.size(); ++w) all[w] = w;
    const std::size_t steps = setup_of(scope_, 0, worlds_[0].ordering).size();
    for (std::size_t step = 0; step < steps; ++step) {
      play(server, all, [&](std::size_t w) {
        return std::optional(
            std::pair(start_of_story, setup_of(scope_, w, worlds_[w].ordering)[step]));
      });
    }
    Seq seen = 0;
    collect(server, seen,
            [](SmallWorld& world, Record&& record) { world.setup.push_back(std::move(record)); });
    for (std::size_t event = 0; event < scope_.events.size(); ++event) {
      for (SmallWorld& world : worlds_) world.records.emplace_back();
      play_event(server, all, event);
      collect(server, seen, [](SmallWorld& world, Record&& record) {
        world.records.back().push_back(std::move(record));
      });
      for (const std::size_t w : all) {
        if (too_late(w, event) && !worlds_[w].records[event].empty()) return of_one_over;
      }
      std::string wrong = end_again(server, all, event, start_of_story);
      if (!wrong.empty()) return wrong;
    }
    for (const std::size_t w : all) {
      std::string wrong = difference(server, w, std::nullopt);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  // --- Crashes ---

  /// What a world's future depends on: its journal and what is still to come. An event that comes
  /// to a session that is over already is left out: the calm run shows for every order that it
  /// writes nothing.
  std::string future(std::size_t w, const Cut& cut) const {
    std::ostringstream out;
    const SmallWorld& world = worlds_[w];
    std::set<std::string> over;
    const auto tell = [&](Record record) {
      if (const auto* ended = std::get_if<Ended>(&record.fact)) over.insert(ended->session);
      record.seq = 0;
      std::string words = in_words(record);
      const std::string mine = "w" + std::to_string(w) + "-";
      for (std::size_t at; (at = words.find(mine)) != std::string::npos;) {
        words.erase(at, mine.size());
      }
      out << words << ';';
    };
    for (const Record& record : world.setup) tell(record);
    for (std::size_t e = 0; e < cut.event; ++e) {
      for (const Record& record : world.records[e]) tell(record);
    }
    for (std::size_t r = 0; r < cut.records; ++r) tell(world.records[cut.event][r]);
    for (std::size_t e = cut.event; e < world.ordering.size(); ++e) {
      const Placed& placed = world.ordering[e];
      const bool to_session =
          placed.event.kind == Event::Kind::timer || placed.event.kind == Event::Kind::end;
      if (to_session && e > cut.event && over.contains(id(w, "x", placed.event.session))) continue;
      out << int(placed.event.kind) << placed.event.session << int(placed.event.by) << '@'
          << placed.at << ' ';
    }
    // The day's expiry is the same everywhere, the event's is not.
    for (const Placed& placed : world.ordering) {
      if (placed.event.kind == Event::Kind::expiry) out << "until " << placed.at;
    }
    out << "cut " << cut.records << ", back " << back_at(w, cut);
    return out.str();
  }

  Instant back_at(std::size_t w, const Cut& cut) const {
    const bool waits = recovery_ == Recovery::with_the_next_event;
    const std::size_t last = scope_.events.size() - 1;
    return worlds_[w].ordering[waits ? std::min(cut.event + 1, last) : cut.event].at;
  }

  /// The worlds that differ at this cut, by the instant of the recovery.
  std::string crash_all(const Cut& cut) {
    std::map<Instant, std::vector<std::size_t>> groups;
    for (std::size_t w = 0; w < worlds_.size(); ++w) {
      if (worlds_[w].records[cut.event].size() < cut.records) continue;
      ++explored_.crashes;
      if (!futures_.insert(future(w, cut)).second) continue;
      ++explored_.distinct;
      groups[back_at(w, cut)].push_back(w);
    }
    for (const auto& [back, worlds] : groups) {
      std::string wrong = crash(cut, back, worlds);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  /// A server whose journal ends for each world where its crash came: no server could tell it from
  /// one that crashed there, because no record of one world says anything about another.
  std::string crash(const Cut& cut, Instant back, const std::vector<std::size_t>& worlds) {
    VirtualServer server(1, back, policy_);
    fill(server, [&](const auto& append) {
      append(servers_own_.front());
      for (const std::size_t w : worlds) {
        for (const Record& record : worlds_[w].setup) append(record);
        for (std::size_t e = 0; e < cut.event; ++e) {
          for (const Record& record : worlds_[w].records[e]) append(record);
        }
        for (std::size_t r = 0; r < cut.records; ++r) append(worlds_[w].records[cut.event][r]);
      }
    });
    server.boot();
    ++explored_.starts;
    // Nobody was answered, so it is asked again; a top-up has a key, and is there or not.
    play(server, worlds, [&](std::size_t w) -> std::optional<std::pair<Instant, Command>> {
      const Event& event = worlds_[w].ordering[cut.event].event;
      auto command = command_of(w, event);
      if (!command || (event.kind == Event::Kind::top_up && cut.records > 0)) return std::nullopt;
      return std::pair(back, *std::move(command));
    });
    for (std::size_t event = cut.event; event < scope_.events.size(); ++event) {
      std::string wrong = event > cut.event ? play_after_crash(server, worlds, event) : "";
      if (wrong.empty()) wrong = end_again(server, worlds, event, back);
      if (!wrong.empty()) return wrong;
    }
    for (const std::size_t w : worlds) {
      std::string wrong = difference(server, w, cut);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  /// What comes to a session that is over must write nothing.
  std::string play_after_crash(VirtualServer& server, const std::vector<std::size_t>& worlds,
                               std::size_t event) {
    std::vector<std::size_t> late, others;
    for (const std::size_t w : worlds) {
      const Event& it = worlds_[w].ordering[event].event;
      const bool to_session = it.kind == Event::Kind::timer || it.kind == Event::Kind::end;
      const bool over =
          to_session && !server.storage().rows().session(id(w, "x", it.session))->live();
      (over ? late : others).push_back(w);
    }
    const Seq before = server.storage().journal().last();
    play_event(server, late, event);
    if (server.storage().journal().last() != before) return of_one_over;
    play_event(server, others, event);
    return "";
  }

  template <class Records>
  void fill(VirtualServer& server, const Records& records) {
    persistence::StorageOptions options;
    options.directory = server.directory();
    options.threads = false;
    const auto storage = persistence::Storage::open(options);
    records([&](const Record& record) { storage->journal().append(record.at, record.fact); });
    storage->flush();
  }

  // --- The model ---

  model::Model model_of_setup(std::size_t w) const {
    model::Model model(rules_of(policy_));
    for (const Command& command : setup_of(scope_, w, worlds_[w].ordering))
      ask(model, command, start_of_story);
    return model;
  }

  void tell(model::Model& model, std::size_t w, const Placed& placed, Instant at) const {
    const std::string session = id(w, "x", placed.event.session);
    if (placed.event.kind == Event::Kind::timer) {
      model.wake(at, session);
    } else if (const auto command = command_of(w, placed.event)) {
      ask(model, *command, at);
    }
  }

  /// Whoever recovers wakes the sessions, one after another.
  model::Model model_of(std::size_t w, const std::optional<Cut>& cut, int first_woken) const {
    model::Model model = model_of_setup(w);
    const Ordering& ordering = worlds_[w].ordering;
    for (std::size_t e = 0; e < ordering.size(); ++e) {
      const bool crashes = cut && cut->event == e;
      const bool there = crashes && cut->records > 0;
      const Instant again = crashes ? back_at(w, *cut) : ordering[e].at;
      // Of what is half there the first record took what was due.
      if (there && cut->records < worlds_[w].records[e].size()) {
        model.wake(ordering[e].at, id(w, "x", ordering[e].event.session));
      } else if (there) {
        tell(model, w, ordering[e], ordering[e].at);
      }
      for (int s = 0; crashes && s < scope_.sessions; ++s) {
        model.wake(again, id(w, "x", (s + first_woken) % scope_.sessions));
      }
      if (!there || ordering[e].event.kind != Event::Kind::top_up) {
        tell(model, w, ordering[e], again);
      }
    }
    return model;
  }

  std::string differs(VirtualServer& server, std::size_t w, const model::Model& model) const {
    const persistence::Rows& rows = server.storage().rows();
    for (int s = 0; s < scope_.sessions; ++s) {
      const auto session = rows.session(id(w, "x", s));
      if (!session) return "a session is missing";
      if (view_of(*session, policy_) != model.session(session->id)) return "session " + session->id;
      const auto doctor = rows.doctor(id(w, "d", s));
      if (!doctor || view_of(*doctor) != model.wallet(doctor->id)) return "a wallet";
    }
    for (std::size_t i = 0; i < scope_.units.size(); ++i) {
      const auto subscription = rows.subscription(id(w, "s", int(i)));
      const Instant end = start_of_story + hour;
      if (view_of(*subscription, end) != model.subscription(subscription->id, end)) {
        return "subscription " + subscription->id;
      }
    }
    return "";
  }

  std::string difference(VirtualServer& server, std::size_t w,
                         const std::optional<Cut>& cut) const {
    std::string wrong;
    for (int first = 0; first < (cut ? scope_.sessions : 1); ++first) {
      wrong = differs(server, w, model_of(w, cut, first));
      if (wrong.empty()) return "";
    }
    std::ostringstream out;
    out << wrong << " differs in the ordering";
    for (const Placed& placed : worlds_[w].ordering) {
      static constexpr const char* kinds[] = {"timer", "end", "top-up", "expiry"};
      out << ' ' << kinds[int(placed.event.kind)] << placed.event.session << '@'
          << duration(placed.at - start_of_story);
    }
    if (cut) out << ", crash in event " << cut->event << " after record " << cut->records;
    return out.str();
  }

  const Scope scope_;
  const Recovery recovery_;
  const Policy policy_;
  std::vector<SmallWorld> worlds_;
  std::vector<Record> servers_own_;
  std::unordered_set<std::string> futures_;
  Explored explored_;
};

}  // namespace

Explored explore(const Scope& scope, Placing placing, Recovery recovery, const Policy& policy) {
  return Exploration(scope, placing, recovery, policy).run();
}

}  // namespace toll::tests

// A journal store in memory, which can refuse.
#pragma once

#include <map>

#include "persistence/group.hpp"
#include "persistence/journal_store.hpp"

namespace toll::test {

class MemoryStore final : public persistence::JournalStore {
 public:
  std::uint64_t own() override { return ++epoch; }
  persistence::Outcome append(std::uint64_t owner, billing::Seq first, const std::string& group,
                              std::string& error) override {
    error = "told to fail";
    if (owner != epoch) return persistence::Outcome::fenced;
    if (next != persistence::Outcome::durable) return next;
    while_writing();
    groups[first] = group;
    return persistence::Outcome::durable;
  }
  void read(billing::Seq,
            const std::function<bool(billing::Seq, std::string_view)>& visit) const override {
    for (const auto& [first, group] : groups) {
      if (!visit(first, group)) return;
    }
  }
  billing::Seq last_group() const override { return groups.empty() ? 0 : groups.rbegin()->first; }

  std::uint64_t epoch = 0;
  persistence::Outcome next = persistence::Outcome::durable;
  std::function<void()> while_writing = [] {};
  std::map<billing::Seq, std::string> groups;
};

}  // namespace toll::test

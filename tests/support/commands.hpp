// A command, whoever carries it out: a test does not care.
#pragma once

#include "actors/command.hpp"

namespace toll::tests {

template <class Visitor, class... These>
decltype(auto) visit_one(Visitor& visitor, const std::variant<These...>& command) {
  return std::visit(visitor, command);
}

template <class Visitor, class One>
decltype(auto) visit_one(Visitor& visitor, const One& command) {
  return visitor(command);
}

template <class Visitor>
decltype(auto) visit_command(Visitor&& visitor, const actors::Command& command) {
  return std::visit([&](const auto& part) -> decltype(auto) { return visit_one(visitor, part); },
                    command);
}

/// Null if it is another one.
template <class One>
const One* command_if(const actors::Command& command) {
  return visit_command(
      [](const auto& c) -> const One* {
        if constexpr (std::is_same_v<std::decay_t<decltype(c)>, One>) return &c;
        return nullptr;
      },
      command);
}

template <class... These>
bool is_command(const actors::Command& command) {
  return ((command_if<These>(command) != nullptr) || ...);
}

}  // namespace toll::tests

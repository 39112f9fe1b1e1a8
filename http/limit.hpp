// The limits that keep one client from the others' share, as the metrics name them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace toll::http {

enum class Limit : std::uint8_t {
  answers,                   ///< bytes of all that wait; whoever took none for longest is closed
  answers_of_principal,      ///< further lists of his are refused
  connections,               ///< refused
  connections_of_address,    ///< refused
  connections_of_principal,  ///< refused
  lists_of_principal,        ///< under way: further ones are refused
  rate,                      ///< of requests with one token: further ones are refused
  requests,                  ///< bytes of all that are not whole yet, likewise
  strangers,                 ///< connections closed for new ones
  streams,                   ///< of all
  streams_of_persons,        ///< the rest is kept for staff
  streams_of_principal,
};

inline constexpr std::array<std::string_view, 12> limit_names{"answers",
                                                              "answers_of_principal",
                                                              "connections",
                                                              "connections_of_address",
                                                              "connections_of_principal",
                                                              "lists_of_principal",
                                                              "rate",
                                                              "requests",
                                                              "strangers",
                                                              "streams",
                                                              "streams_of_persons",
                                                              "streams_of_principal"};

}  // namespace toll::http

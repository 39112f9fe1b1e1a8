// The routes of the API, in one table, and which of them a request means.
#pragma once

#include <span>

#include "http/action.hpp"

namespace toll::http {

enum class Method : std::uint8_t { get, put, patch, post, options, other };
std::string_view name(Method method);

inline constexpr std::size_t small_body = 64 * 1024;
inline constexpr std::size_t large_body = 256 * 1024;

enum class Door : std::uint8_t {
  open,   ///< needs no token
  read,   ///< asks the engine or its figures, changes nothing
  write,  ///< changes something: refused where there is no room for it
  end,  ///< the same, but from room that is kept for it: a full disk must not keep a meter running
};

/// What a request may carry beside its path; anything more is refused.
enum class Takes : std::uint8_t { nothing, query, body, large_body };

/// Whom a route is for beside admin and service, and how it concerns them. `read` may call every
/// GET.
enum class Concerns : std::uint8_t {
  nobody,           ///< no patient and no doctor
  clock,            ///< admin only: moving the time moves everybody's money
  patient_in_path,  ///< the patient whose id stands in the path
  doctor_in_path,
  patient,  ///< a patient: the command or what it finds must concern him
  doctor,
  both,
};

struct Route {
  Method method;
  std::string_view path;  ///< `{id}` stands for an id
  Handler handler;
  Door door;
  Takes takes = Takes::nothing;
  Concerns concerns = Concerns::nobody;

  bool takes_body() const { return takes == Takes::body || takes == Takes::large_body; }
  std::size_t body_limit() const { return takes == Takes::large_body ? large_body : small_body; }
};

/// All routes. The position of a route in this table is its number in the metrics.
std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;  ///< null: no such path, or not with this method
  const std::string* id = nullptr;
  std::string
      allowed;  ///< for 405: the methods that the path has; empty when there is no such path
};

/// `target` outlives the match.
Match match(Method method, const Target& target, bool has_test_clock);

}  // namespace toll::http

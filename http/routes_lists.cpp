// Reads that come from the rows rather than from an actor.
#include <algorithm>

#include "http/list.hpp"
#include "http/problem.hpp"
#include "http/query_reader.hpp"
#include "http/routes.hpp"
#include "http/views.hpp"

namespace toll::http {

namespace {

constexpr std::size_t lines_per_read = 500;
constexpr std::size_t max_lines = 10'000;  ///< of a statement in one answer without a limit

using StatementPage = persistence::Page<billing::StatementLine>;

/// Appends `page`, which is the statement's from `cursor` on, and what follows it, `limit` lines at
/// most. Where the next one begins; none if there is none.
std::optional<std::string> write_lines(JsonWriter& json, std::string& out,
                                       const persistence::Rows& rows,
                                       const billing::Session& session, StatementPage page,
                                       std::optional<std::string> cursor, std::size_t limit) {
  const auto write = [&](JsonWriter& writer, const billing::StatementLine& line) {
    write_line(writer, line, session);
  };
  for (std::size_t count = 0;;) {
    const std::size_t written = write_items(json, out, page.items, count > 0, write);
    if (written == 0 && count > 0) return cursor;
    // The page of those that fitted says where the next one begins.
    if (written < page.items.size()) return rows.statement(session.id, cursor, written)->next;
    count += written;
    if (!page.next || count == limit) return page.next;
    cursor = std::move(page.next);
    page = *rows.statement(session.id, cursor, std::min(limit - count, lines_per_read));
  }
}

/// The list of sessions under this filter; ids have no spaces.
std::string name_of(const persistence::SessionFilter& filter) {
  std::string name = "sessions";
  name += " of patient " + filter.patient.value_or("");
  name += " of doctor " + filter.doctor.value_or("");
  name += " with status " + (filter.status ? std::to_string(static_cast<int>(*filter.status)) : "");
  return name;
}

}  // namespace

Action list_sessions(const Call& call) {
  QueryReader query(call.parameters);
  persistence::SessionFilter filter;
  filter.patient = query.id("patient_id");
  filter.doctor = query.id("doctor_id");
  filter.status =
      query.choice("status", billing::parse_status, "waiting, active, ended, expired or missed");
  const std::size_t limit = query.limit();
  bool foreign = false;
  if (call.only_for) {
    auto& own = call.only_for->party == billing::Party::patient ? filter.patient : filter.doctor;
    foreign = own && *own != call.only_for->id;
    own = call.only_for->id;
  }
  const std::string list = name_of(filter);
  const auto cursor = query.cursor(list);
  if (const auto& error = query.finish()) return invalid_request(*error);
  if (foreign) return forbidden();
  auto& engine = call.engine;
  return AskRows{[&engine, filter, list, cursor, limit](const persistence::Rows& rows) {
    const auto fetch = [&](std::size_t most) { return rows.sessions(filter, cursor, most); };
    const billing::Instant now = engine.now();
    return list_reply(list, limit, fetch, [&](JsonWriter& json, const billing::Session& session) {
      write_session(json, session, engine.policies(), now);
    });
  }};
}

/// Without a limit all lines come in one answer, unless there are more than max_lines or than fit.
Action get_statement(const Call& call) {
  QueryReader query(call.parameters);
  const std::string list = "statement of " + call.id;
  const auto limit = static_cast<std::size_t>(query.integer("limit", 1, 500).value_or(max_lines));
  const auto cursor = query.cursor(list);
  if (const auto& error = query.finish()) return invalid_request(*error);
  auto& engine = call.engine;
  return AskRows{[&engine, id = call.id, list, cursor, limit,
                  only_for = call.only_for](const persistence::Rows& rows) {
    const auto session = rows.session(id);
    if (only_for && !(session && concerns(*session, *only_for))) return forbidden();
    auto lines = rows.statement(id, cursor, std::min(limit, lines_per_read));
    if (!lines) return unreadable_cursor();
    if (!session) return refused(billing::Refusal::session_not_found);
    Reply reply;
    JsonWriter json(reply.body);
    json.begin_object();
    json.key("session");
    write_session(json, *session, engine.policies(), engine.now());
    json.key("lines").begin_array();
    const auto next =
        write_lines(json, reply.body, rows, *session, std::move(*lines), cursor, limit);
    json.end_array();
    write_next(json, list, next);
    json.end_object();
    return reply;
  }};
}

}  // namespace toll::http

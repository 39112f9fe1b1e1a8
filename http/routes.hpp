// The handlers behind the table of router.cpp, one function per route of the API.
#pragma once

#include "http/action.hpp"

namespace toll::http {

/// Characters of plan, payment_ref and external_ref.
inline constexpr std::size_t max_label = 255;

// routes_subscriptions.cpp
Action put_subscription(const Call& call);
Action get_subscription(const Call& call);
Action patch_subscription(const Call& call);
Action top_up_subscription(const Call& call);
Action get_balance(const Call& call);

// routes_doctors.cpp
Action put_doctor(const Call& call);
Action get_wallet(const Call& call);
Action list_entries(const Call& call);
Action request_withdrawal(const Call& call);
Action approve_withdrawal(const Call& call);
Action reject_withdrawal(const Call& call);
Action pay_withdrawal(const Call& call);

// routes_sessions.cpp
Action start_session(const Call& call);
Action send_message(const Call& call);
Action activate_session(const Call& call);
Action deduct_units(const Call& call);
Action end_session(const Call& call);
Action deduct_batch(const Call& call);
Action refund_units(const Call& call);
Action get_session(const Call& call);

// routes_lists.cpp
Action list_sessions(const Call& call);
Action get_statement(const Call& call);

// routes_events.cpp
Action list_events(const Call& call);
Action stream_events(const Call& call);

// routes_system.cpp
Action get_clock(const Call& call);
Action advance_clock(const Call& call);
Action get_livez(const Call& call);
Action get_openapi(const Call& call);

// routes_docs.cpp
Action get_docs(const Call& call);
Action get_root(const Call& call);
Action get_docs_directory(const Call& call);
Action get_docs_file(const Call& call);

}  // namespace toll::http

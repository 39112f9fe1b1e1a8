#include <limits>

#include "http/json_reader.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"
#include "http/server_id.hpp"
#include "http/views.hpp"

namespace toll::http {

namespace {

constexpr std::int64_t max_amount = std::numeric_limits<std::int64_t>::max();

void write(Reply& reply, const actors::Answer& answer) {
  JsonWriter json(reply.body);
  write_withdrawal(json, std::get<actors::WithdrawalAnswer>(answer).withdrawal);
}

Reply render_requested(const actors::Answer& answer, const actors::Engine&) {
  Reply reply{.status = 201u};
  write(reply, answer);
  return reply;
}

Reply render_moved(const actors::Answer& answer, const actors::Engine&) {
  Reply reply;
  write(reply, answer);
  return reply;
}

Action move(const Call& call, billing::WithdrawalStatus to) {
  return AskEngine{actors::MoveWithdrawal{call.id, to}, render_moved};
}

}  // namespace

Action request_withdrawal(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::RequestWithdrawal command;
  command.amount.amount = fields.integer("amount", 1, max_amount);
  fields.require("currency");
  const auto currency = fields.optional_choice("currency", billing::parse_currency,
                                               "a currency code of three capital letters");
  if (const auto& error = body.finish()) return invalid_request(*error);
  command.amount.currency = *currency;
  command.doctor = call.id;
  command.id = make_server_id(call.engine.now());
  return AskEngine{std::move(command), render_requested};
}

Action approve_withdrawal(const Call& call) {
  return move(call, billing::WithdrawalStatus::approved);
}

Action reject_withdrawal(const Call& call) {
  return move(call, billing::WithdrawalStatus::rejected);
}

Action pay_withdrawal(const Call& call) { return move(call, billing::WithdrawalStatus::paid); }

}  // namespace toll::http

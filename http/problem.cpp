#include "http/problem.hpp"

#include <array>

#include "http/json_writer.hpp"
#include "http/status.hpp"

namespace toll::http {

using billing::Refusal;

unsigned status_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::session_not_found:
    case Refusal::subscription_not_found:
    case Refusal::doctor_not_found:
    case Refusal::withdrawal_not_found:
      return 404;
    case Refusal::forbidden:
      return 403;
    case Refusal::no_units:
      return 402;
    case Refusal::session_exists:
    case Refusal::patient_busy:
    case Refusal::doctor_busy:
    case Refusal::session_over:
    case Refusal::session_not_active:
    case Refusal::subscription_exists:
    case Refusal::too_many_units:
    case Refusal::currency_fixed:
    case Refusal::refund_exceeds_charge:
    case Refusal::currency_mismatch:
    case Refusal::insufficient_balance:
    case Refusal::invalid_transition:
      return 409;
    case Refusal::idempotency_key_reused:
      return 422;
    case Refusal::too_many_unbilled:
      return 429;
    case Refusal::not_a_text_session:
    case Refusal::empty_period:
    case Refusal::currency_without_rates:
      return 400;
  }
  return 400;
}

Reply problem(unsigned status, std::string_view code, std::string_view detail) {
  Reply reply{.status = status, .content_type = "application/problem+json", .code = code};
  JsonWriter json(reply.body);
  json.begin_object();
  json.field("type", "urn:toll:problem:" + std::string(code));
  json.field("title", phrase(status));
  json.field("status", status);
  json.field("detail", detail);
  json.field("code", code);
  json.end_object();
  return reply;
}

Reply invalid_request(std::string_view detail) { return problem(400, "invalid_request", detail); }

Reply misdirected() {
  return problem(421, "misdirected_request",
                 "Without tokens the server answers to loopback names and addresses only.");
}

Reply foreign_origin() {
  return problem(403, billing::code(Refusal::forbidden),
                 "Without tokens the server answers to its own pages only.");
}

Reply unauthenticated() {
  Reply reply = problem(401, "unauthenticated", "A valid bearer token is required.");
  reply.headers = "WWW-Authenticate: Bearer\r\n";
  return reply;
}

Reply forbidden() { return refused(Refusal::forbidden); }

Reply no_such_route() { return problem(404, "not_found", "There is no such route."); }

Reply method_not_allowed(std::string_view allowed) {
  Reply reply =
      problem(405, "method_not_allowed", "This route allows " + std::string(allowed) + ".");
  reply.headers = "Allow: " + std::string(allowed) + "\r\n";
  return reply;
}

Reply unsupported_media_type() {
  return problem(415, "unsupported_media_type", "A body must have Content-Type: application/json.");
}

Reply payload_too_large(std::size_t limit_bytes) {
  return problem(413, "payload_too_large",
                 "The body is longer than " + std::to_string(limit_bytes) + " bytes.");
}

Reply tokens_unreadable() {
  return unavailable(
      "tokens_unreadable",
      "The server cannot read its token file, and so cannot say whose token this is.");
}

Reply unavailable(std::string_view code, std::string_view detail) {
  Reply reply = problem(503, code, detail);
  reply.headers = "Retry-After: 1\r\n";
  return reply;
}

Reply refused(const actors::RefusedForNow& refused_for_now) {
  Reply reply = refused(refused_for_now.refusal);
  reply.headers = "Retry-After: " + std::to_string(refused_for_now.wait_s) + "\r\n";
  return reply;
}

Reply refused(Refusal refusal) {
  return problem(status_of(refusal), billing::code(refusal), billing::explain(refusal));
}

}  // namespace toll::http

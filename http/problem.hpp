// Problem documents (RFC 9457): every answer that is not a success.
#pragma once

#include "actors/answer.hpp"
#include "http/reply.hpp"

namespace toll::http {

/// The status that a refusal answers with.
unsigned status_of(billing::Refusal refusal);

/// `code` is what clients switch on, `detail` a sentence for a person.
Reply problem(unsigned status, std::string_view code, std::string_view detail);

/// 400; `detail` begins with the JSON pointer or the name of what is wrong, where there is one.
Reply invalid_request(std::string_view detail);

/// 421: the request is for another host.
Reply misdirected();

/// 403: a browser sends it for a page of somebody else.
Reply foreign_origin();

Reply unauthenticated();
Reply forbidden();
Reply no_such_route();
Reply method_not_allowed(std::string_view allowed);
Reply unsupported_media_type();
Reply payload_too_large(std::size_t limit_bytes);

/// 503: a token of a file that cannot be read at the moment.
Reply tokens_unreadable();

/// 503 with Retry-After: the same request may be sent again.
Reply unavailable(std::string_view code, std::string_view detail);

/// The HTTP status of each refusal, in one table.
Reply refused(billing::Refusal refusal);

/// The same with Retry-After.
Reply refused(const actors::RefusedForNow& refused_for_now);

}  // namespace toll::http

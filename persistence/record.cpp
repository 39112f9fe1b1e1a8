#include "persistence/record.hpp"

#include "persistence/format.hpp"

namespace toll::persistence {

namespace {

bool take_body(std::string_view& in, std::string_view& body) {
  std::uint64_t size = 0;
  if (!take_varint(in, size) || size > in.size()) return false;
  body = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

template <std::size_t Tag>
bool decode_as(Decoder& decoder, billing::Fact& fact) {
  return fields(decoder, fact.emplace<Tag>());
}

template <std::size_t... Tags>
bool decode_fact(Decoder& decoder, std::size_t tag, billing::Fact& fact,
                 std::index_sequence<Tags...>) {
  return ((tag == Tags && decode_as<Tags>(decoder, fact)) || ...);
}

}  // namespace

void encode_record(std::string& out, billing::Instant at, const billing::Fact& fact,
                   const billing::Cause* cause) {
  Encoder encoder(out, FlagsAt{out.size()});
  out.push_back(cause ? format::flag_cause : 0);
  encoder(at);
  out.push_back(static_cast<char>(fact.index()));
  if (cause) encoder(*cause);
  std::visit([&](const auto& alternative) { fields(encoder, alternative); }, fact);
}

bool take_record(std::string_view& in, billing::Record& record) {
  std::string_view body;
  if (!take_body(in, body) || body.empty()) return false;
  const auto flags = static_cast<std::uint8_t>(body.front());
  if ((flags & ~format::known_flags) != 0) return false;
  body.remove_prefix(1);
  Decoder decoder(body, flags & format::edition_flags);
  std::uint8_t tag = 0;
  if (!decoder(record.at, tag)) return false;
  record.cause.reset();
  if ((flags & format::flag_cause) != 0 && !decoder(record.cause.emplace())) return false;
  return decode_fact(decoder, tag, record.fact,
                     std::make_index_sequence<std::variant_size_v<billing::Fact>>()) &&
         decoder.at_end();
}

bool skip_record(std::string_view& in) {
  std::string_view body;
  return take_body(in, body);
}

bool peek_record(std::string_view& in, billing::Instant& at, std::size_t& tag,
                 std::string_view& fields_of_fact) {
  std::string_view body;
  if (!take_body(in, body) || body.empty()) return false;
  const auto flags = static_cast<std::uint8_t>(body.front());
  body.remove_prefix(1);
  std::uint64_t number = 0;
  if (!take_varint(body, number)) return false;
  at = static_cast<billing::Instant>((number >> 1) ^ (~(number & 1) + 1));
  if (!take_varint(body, number)) return false;
  tag = number;
  if ((flags & format::flag_cause) != 0) {
    constexpr std::size_t digests = sizeof(billing::Cause::key) + sizeof(billing::Cause::request);
    if (body.size() < digests) return false;
    body.remove_prefix(digests);
    for (int i = 0; i < 3; ++i) {
      if (!take_varint(body, number)) return false;
    }
  }
  fields_of_fact = body;
  return true;
}

}  // namespace toll::persistence

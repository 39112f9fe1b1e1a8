// Bytes as they stand on the disk: a letter for what they are said to be, then a record, a group or
// a row. What is read is read the same again after it is written.
#include "persistence/record.hpp"

#include "billing/assert.hpp"
#include "persistence/format.hpp"
#include "persistence/group.hpp"

namespace {

using namespace toll;
using namespace toll::persistence;

std::string body_of(const billing::Record& record) {
  std::string body;
  encode_record(body, record.at, record.fact, record.cause ? &*record.cause : nullptr);
  return body;
}

bool equal(const billing::Record& a, const billing::Record& b) {
  return a.seq == b.seq && a.at == b.at && a.fact == b.fact && a.cause == b.cause;
}

void check_record(std::string_view bytes) {
  billing::Record record;
  std::string_view rest = bytes;
  const bool known = take_record(rest, record);
  std::string_view skipped = bytes;
  if (!known) return;
  TOLL_ASSERT(skip_record(skipped) && skipped == rest);
  const std::string body = body_of(record);
  std::string written;
  put_varint(written, body.size());
  written += body;
  TOLL_ASSERT(written.size() <= bytes.size() - rest.size());  // nothing shorter says the same
  billing::Record again;
  std::string_view in = written;
  TOLL_ASSERT(take_record(in, again) && in.empty() && equal(again, record));
}

void check_group(std::string_view value) {
  (void)group_bytes(value);
  const auto group = parse_group(value);
  if (!group) return TOLL_ASSERT(!intact(value));
  std::vector<billing::Record> records;
  const bool whole = each_record(*group, 0, [&](billing::Record&& record) {
    records.push_back(std::move(record));
    return true;
  });
  if (!whole) return;
  TOLL_ASSERT(records.size() == group->records);
  GroupBuilder builder(group->first, "");
  for (const billing::Record& record : records) builder.add(body_of(record));
  builder.seal(group->previous);
  TOLL_ASSERT(intact(builder.value));
  const auto again = parse_group(builder.value);
  TOLL_ASSERT(again && again->first == group->first && again->records == group->records);
  std::size_t place = 0;
  TOLL_ASSERT(each_record(
      *again, 0, [&](billing::Record&& record) { return equal(record, records[place++]); }));
  TOLL_ASSERT(place == records.size());
}

template <class Value>
void check_row(std::string_view bytes) {
  Value value;
  if (!decode(bytes, value)) return;
  const std::string written = encode(value);
  TOLL_ASSERT(written.size() <= bytes.size());
  Value again;
  TOLL_ASSERT(decode(written, again) && again == value);
}

void check_places(std::string_view bytes) {
  Places places;
  if (!places.read(bytes)) return;
  const auto numbers = places.numbers();
  TOLL_ASSERT(numbers.size() == places.size());
  Places again;
  for (const billing::Seq number : numbers) again.add(number);
  TOLL_ASSERT(again.numbers() == numbers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (static_cast<char>(data[0])) {
    case 'r':
      check_record(bytes);
      break;
    case 'g':
      check_group(bytes);
      break;
    case 't':
      check_places(bytes);
      break;
    case 'c':
      check_row<Charges>(bytes);
      break;
    case format::session_row:
      check_row<Row<billing::Session>>(bytes);
      break;
    case format::subscription_row:
      check_row<Row<billing::Subscription>>(bytes);
      break;
    case format::doctor_row:
      check_row<Row<billing::Doctor>>(bytes);
      break;
    case format::withdrawal_row:
      check_row<Row<billing::Withdrawal>>(bytes);
      break;
    case format::kept_row:
      check_row<KeptAnswer>(bytes);
      break;
    case format::policy_row:
      check_row<billing::Policy>(bytes);
      break;
    case format::mark_row:
      check_row<Mark>(bytes);
      break;
    default:
      break;
  }
  return 0;
}

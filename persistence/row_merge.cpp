#include "persistence/row_merge.hpp"

#include "persistence/format.hpp"

namespace toll::persistence {

namespace {

template <class Entity>
bool merge(const rocksdb::MergeOperator::MergeOperationInput& in, std::string& value) {
  Row<Entity> row;
  if (!in.existing_value || !decode(in.existing_value->ToStringView(), row)) return false;
  for (const rocksdb::Slice& operand : in.operand_list) {
    Charges charges;
    if (!decode(operand.ToStringView(), charges)) return false;
    apply(row, charges);
  }
  value = encode(row);
  return true;
}

class RowMerge final : public rocksdb::MergeOperator {
 public:
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    switch (in.key[0]) {
      case format::session_row:
        return merge<billing::Session>(in, out->new_value);
      case format::subscription_row:
        return merge<billing::Subscription>(in, out->new_value);
      case format::doctor_row:
        return merge<billing::Doctor>(in, out->new_value);
      default:
        return false;
    }
  }

  bool PartialMerge(const rocksdb::Slice&, const rocksdb::Slice& left, const rocksdb::Slice& right,
                    std::string* value, rocksdb::Logger*) const override {
    Charges charges, later;
    if (!decode(left.ToStringView(), charges) || !decode(right.ToStringView(), later)) return false;
    if (!charges.add(later)) return false;
    *value = encode(charges);
    return true;
  }

  const char* Name() const override { return "toll.charges"; }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> row_merge() { return std::make_shared<RowMerge>(); }

}  // namespace toll::persistence

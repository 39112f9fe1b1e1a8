// How RocksDB makes one value of a row and the charges that were added to it.
#pragma once

#include <rocksdb/merge_operator.h>

#include <memory>

namespace toll::persistence {

std::shared_ptr<rocksdb::MergeOperator> row_merge();

}  // namespace toll::persistence

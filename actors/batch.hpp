// Several deductions in one request: one ask inside the server for each item, one after another,
// and one gate for the answer of all of them.
#pragma once

#include "actors/context.hpp"

namespace toll::actors {

/// Serves a DeductBatch: answers the ask when its last item is answered. With an idempotency key
/// every item has a key of its own, made from the batch's: what was done before a crash is not
/// forgotten, and the record that ends the batch remembers the rest.
void serve_batch(const Context& context, const AskPtr& ask);

}  // namespace toll::actors

// Every run ends by checking the books: units taken = answers given = entries.
#pragma once

#include <filesystem>

#include "bench/contention/load.hpp"

namespace toll::bench {

/// Once the round is finished. Every session has taken a unit in each round. Compares the rows with
/// what was answered: every subscription, session and wallet, and the entries of as many doctors as
/// 100,000 entries allow. Throws std::runtime_error with the first discrepancy. Returns the number
/// of entries that were read.
std::int64_t check_books(Clinic& clinic, const Work& work, const Tally& tally);

/// Folds the whole journal again, as `tollctl verify` does, and compares all entries with it.
/// Throws when anything is wrong, or when it finds another number of units than were answered.
void verify_directory(const std::filesystem::path& directory, const Tally& tally);

}  // namespace toll::bench

// Rows in any order, put into the order of their keys with a bounded part of them in memory: sorted
// runs in files, which are merged when all are there.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <vector>

namespace toll::persistence {

/// The first bytes of a key, so that most keys are compared without looking at them.
using KeyHead = std::array<std::uint64_t, 2>;

class RowRuns {
 public:
  static constexpr std::size_t usual_bytes = 48u << 20;

  /// The files are made in `directory`, and stay. Twice `most_bytes` are in memory. Errors are
  /// thrown as StorageError by any function.
  explicit RowRuns(std::string directory, std::size_t most_bytes = usual_bytes);
  ~RowRuns();
  RowRuns(const RowRuns&) = delete;
  RowRuns& operator=(const RowRuns&) = delete;

  /// Of rows with the same key the last one counts.
  void put(std::string_view key, std::string_view value);

  void keep();  ///< what was put stays
  void drop();  ///< what was put since the last keep() does not

  using Visit = std::function<void(std::string_view key, std::string_view value)>;

  /// Visits, in the order of their keys, the kept rows whose keys begin with one of the letters
  /// from `first` to `last`. From any thread.
  void each(char first, char last, const Visit& visit) const;

 private:
  /// Where a row is in the bytes of its heap.
  struct Place {
    KeyHead head;
    std::uint32_t key;  ///< where it begins
    std::uint16_t key_bytes;
    std::uint16_t header_bytes;  ///< before the key
  };
  struct Heap {
    std::string bytes;
    std::array<std::vector<Place>, 128> places;  ///< by the letter of the key
    void clear();
  };
  struct Run {
    std::string path;
    std::vector<std::pair<char, std::uint64_t>> letters;  ///< where each one begins
    std::uint64_t bytes = 0;
    std::uint64_t begin_of(char letter) const;
  };
  void spill();
  void wait();
  static void write(Heap& heap, Run& run);

  const std::string directory_;
  const std::size_t most_bytes_;
  Heap heap_, sorting_;
  std::vector<Run> runs_;
  std::size_t kept_ = 0;
  std::future<void> writing_;  ///< the last run, of `sorting_`
};

}  // namespace toll::persistence

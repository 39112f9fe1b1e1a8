// In which order reads run.
#include "persistence/read_queue.hpp"

#include <catch2/catch.hpp>

namespace toll::persistence {

namespace {

/// A read that is only looked at.
struct NamedRead {
  std::string name;
  void operator()(const Rows&) const {}
};

std::string all_possible(ReadQueue& reads) {
  std::string names;
  while (const auto read = reads.take()) names += read->target<NamedRead>()->name + ' ';
  return names;
}

}  // namespace

TEST_CASE("what a request waits for is read before any list") {
  ReadQueue reads(10);
  CHECK_FALSE(reads.add_list(10, "greedy", NamedRead{"list"}));
  CHECK_FALSE(reads.add(10, NamedRead{"load"}));
  CHECK(all_possible(reads) == "load list ");
}

TEST_CASE("lists are read in turns by whose they are, in order for each") {
  ReadQueue reads(10);
  for (const char* name : {"a1", "a2", "a3"}) reads.add_list(10, "a", NamedRead{name});
  reads.add_list(10, "b", NamedRead{"b1"});
  reads.add_list(10, "c", NamedRead{"c1"});
  reads.add_list(10, "b", NamedRead{"b2"});
  CHECK(all_possible(reads) == "a1 b1 c1 a2 b2 a3 ");
}

TEST_CASE("a read waits until the rows are far enough, and keeps its kind") {
  ReadQueue reads(10);
  CHECK(reads.add_list(12, "a", NamedRead{"a"}));
  CHECK(reads.add(12, NamedRead{"load"}));
  CHECK(reads.add(13, NamedRead{"later"}));
  CHECK(reads.first_wanted() == 12);
  CHECK(all_possible(reads).empty());
  reads.publish(12);
  CHECK(all_possible(reads) == "load a ");
  CHECK(reads.first_wanted() == 13);
  reads.publish(20);
  CHECK(all_possible(reads) == "later ");
}

TEST_CASE("a thread that waits for a kind gets that kind, and nothing at the end") {
  ReadQueue reads(10);
  reads.add_list(10, "a", NamedRead{"a"});
  reads.add(10, NamedRead{"load"});
  CHECK(reads.wait(ReadQueue::Kind::list).has_value());
  CHECK(reads.wait(ReadQueue::Kind::load).has_value());
  reads.stop();
  CHECK_FALSE(reads.wait(ReadQueue::Kind::list).has_value());
  CHECK_FALSE(reads.wait(ReadQueue::Kind::load).has_value());
}

}  // namespace toll::persistence

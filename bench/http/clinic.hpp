// What the server is filled with before anything is measured, and what its books say afterwards,
// all of it over HTTP.
#pragma once

#include "bench/http/scripts.hpp"

namespace toll::bench {

/// The letters of the ids of one population: sessions, patients, doctors, subscriptions.
struct Names {
  char session = 'c';
  char patient = 'p';
  char doctor = 'd';
  char subscription = 's';
};

/// Patients who share subscriptions, at most a thousand each.
Work households(std::size_t patients);

/// Grants plenty of units on every subscription of the work that has members.
void grant(Traffic& traffic, const Work& work, const Names& names);

/// Starts and activates a call for each patient; `first` is the number of the first session.
void start_calls(Traffic& traffic, const Work& work, const Names& names, std::size_t first = 0);

/// What the API says about a population.
struct Books {
  std::int64_t taken = 0;    ///< of all subscriptions
  std::int64_t earned = 0;   ///< of all doctors, in units
  std::int64_t entries = 0;  ///< of all doctors, in units
};
Books read_books(Traffic& traffic, const Work& work, const Names& names);
Books read_books(Traffic& traffic, std::size_t subscriptions, std::size_t doctors,
                 const Names& names);

/// Registers that many doctors.
void put_doctors(Traffic& traffic, std::size_t doctors, const Names& names);

/// Throws std::runtime_error unless units taken = answers given = entries.
void check_books(const Books& books, std::int64_t answered);

}  // namespace toll::bench

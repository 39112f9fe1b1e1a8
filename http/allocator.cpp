// How jemalloc, which tolld is linked with, treats memory that is free again.

extern "C" {
/// By itself it keeps the addresses for ever, in pieces that grow: with a limit on them (RLIMIT_AS)
/// a server whose clients come and go had none left while it used a third.
extern const char* const malloc_conf;
const char* const malloc_conf = "retain:false";
}

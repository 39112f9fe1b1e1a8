# What a mistake in memory may do in a release: end the process at once, and little else. Debian's
# compiler makes position-independent programs already; tests/hardening looks whether they are.
#
# Not in a build with sanitizers, which see more and do not go together with _FORTIFY_SOURCE.
add_compile_options(
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3  # libc's calls know the size of what they write into
  -D_GLIBCXX_ASSERTIONS                  # and the containers of libstdc++ their own
  -fstack-protector-strong               # an overwritten return address is noticed
  -fstack-clash-protection               # a large frame cannot step over the guard page
  -fcf-protection=full)                  # calls and returns lead where code begins
add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack)  # tables of the linker are read-only from the start

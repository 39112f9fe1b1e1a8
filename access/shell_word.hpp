// Text as a shell takes it, for commands that a message prints to be pasted.
#pragma once

#include <string>
#include <string_view>

namespace toll::access {

/// One word: as it is if it has only letters, digits and _ - . / : @ % + = ,, else in quotes.
std::string shell_word(std::string_view text);

}  // namespace toll::access

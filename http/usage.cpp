#include "http/usage.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "http/version.hpp"

namespace toll::http {

namespace {

constexpr std::size_t columns = 80;

/// The words of `text` in lines that begin with `margin` spaces.
std::string wrapped(const std::string& text, std::size_t margin) {
  std::istringstream words(text);
  std::string out, line;
  for (std::string word; words >> word;) {
    if (!line.empty() && margin + line.size() + 1 + word.size() > columns) {
      out += std::string(margin, ' ') + line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? out : out + std::string(margin, ' ') + line + '\n';
}

class Help : public CLI::Formatter {
  std::string make_option(const CLI::Option* option, bool positional) const override {
    std::string type = option->get_option_text();
    if (type.empty() && option->get_type_size() > 0) {
      // What a validator adds after the type is for programmers.
      type = option->get_type_name();
      type.resize(std::min(type.find_first_of(": "), type.size()));
    }
    std::string text = option->get_description();
    if (option->get_required()) text += ". Required";
    if (type != "" && !option->get_default_str().empty()) {
      text += ". Default: " + option->get_default_str();
    }
    return "  " + option->get_name(positional, !positional) + (type.empty() ? "" : ' ' + type) +
           '\n' + wrapped(text, 6);
  }
  std::string make_group(std::string name, bool positional,
                         std::vector<const CLI::Option*> options) const override {
    std::string out = name + ":\n";
    for (const CLI::Option* option : options) out += make_option(option, positional);
    return out;
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    return CLI::Formatter::make_usage(app, name) + '\n';
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return "  " + command->get_name() + '\n' + wrapped(command->get_description(), 6);
  }
  std::string make_description(const CLI::App* app) const override {
    return wrapped(app->get_description(), 0) + '\n';
  }
  std::string make_expanded(const CLI::App* group) const override {
    return make_group(group->get_description(), false,
                      group->get_options([&](const CLI::Option* option) {
                        return option != group->get_help_ptr();
                      }));
  }
};

std::string variable_of(const CLI::Option& option) {
  std::string name = "TOLL_" + option.get_lnames().front();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(c));
  });
  return name;
}

bool says(const std::vector<std::string>& arguments, const std::string& name) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == name || argument.starts_with(name + '=');
  });
}

/// What CLI11 says of it only if nothing that is required is missing.
std::optional<std::string> unknown_word(const CLI::App& app,
                                        const std::vector<std::string>& arguments) {
  const CLI::App* within = &app;
  for (const std::string& word : arguments) {
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      if (!within->get_option_no_throw(name)) return name + " is not an option";
    } else if (within->get_require_subcommand_min() > 0) {
      const auto commands = within->get_subcommands(
          [&](const CLI::App* command) { return command->check_name(word); });
      if (commands.empty()) return '"' + word + "\" is not a command";
      within = commands.front();
    }
  }
  return std::nullopt;
}

/// What CLI11 says in the words of a programmer.
std::string in_words(const CLI::ParseError& error) {
  const std::string text = error.what();
  const auto after = [&](std::string_view begin) { return text.substr(begin.size()); };
  constexpr std::string_view extra = "INI was not able to parse ";
  constexpr std::string_view unconverted = "Could not convert: ";
  if (text.starts_with(extra)) return "the file of --config: " + after(extra) + " is not an option";
  if (text.starts_with(unconverted)) return after(unconverted) + " cannot be understood";
  if (text.ends_with(" missing")) return text.substr(0, text.find(':')) + " needs a value";
  if (text.ends_with("subcommand is required")) return "a command is missing";
  return text;
}

int refuse(const CLI::App& app, const std::string& why) {
  std::cerr << app.get_name() << ": " << why << "\nSee " << app.get_name() << " --help\n";
  return exit_usage;
}

}  // namespace

void dress(CLI::App& app) {
  app.formatter(std::make_shared<Help>());
  app.get_help_ptr()->description("Print this and exit");
  app.set_version_flag("--version", app.get_name() + ' ' + std::string(version),
                       "Print the version and exit");
}

std::vector<std::string> with_environment(const CLI::App& app, std::vector<std::string> arguments) {
  for (const CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() || option == app.get_version_ptr()) continue;
    const std::string name = "--" + option->get_lnames().front();
    const char* value = std::getenv(variable_of(*option).c_str());
    if (!value || says(arguments, name)) continue;
    // Several values, where there may be several, are separated by spaces.
    std::istringstream words(value);
    std::string word;
    if (option->get_items_expected_max() == 1) {
      arguments.push_back(name + '=' + value);
    } else {
      while (words >> word) arguments.push_back(name + '=' + word);
    }
  }
  return arguments;
}

std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments) {
  if (const auto unknown = unknown_word(app, arguments)) return refuse(app, *unknown);
  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(std::move(arguments));
    return std::nullopt;
  } catch (const CLI::Success& asked) {
    return app.exit(asked, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return refuse(app, in_words(error));
  }
}

}  // namespace toll::http

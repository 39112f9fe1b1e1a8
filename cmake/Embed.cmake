# toll_embed(TARGET NAME FILE): makes the bytes of FILE a part of TARGET, as
# std::string_view toll::http::embedded::NAME (declared in http/embedded.hpp).
#
# The same file is the script that the build runs: cmake -DIN= -DOUT= -DNAME= -P Embed.cmake.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${IN}" bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(................................................................................)"
         "\\1\n" bytes "${bytes}")
  file(WRITE "${OUT}" "#include \"http/embedded.hpp\"

namespace toll::http::embedded {

static const unsigned char ${NAME}_bytes[] = {
${bytes}};
const std::string_view ${NAME}{reinterpret_cast<const char*>(${NAME}_bytes), sizeof ${NAME}_bytes};

}  // namespace toll::http::embedded
")
  return()
endif()

function(toll_embed target name file)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${out} -DNAME=${name}
            -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${file} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

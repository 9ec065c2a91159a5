# -DBESOM_SANITIZE=address,undefined | thread | (empty)
set(BESOM_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
add_library(besom_sanitizers INTERFACE)
if(BESOM_SANITIZE)
  target_compile_options(besom_sanitizers INTERFACE
    -fsanitize=${BESOM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(besom_sanitizers INTERFACE -fsanitize=${BESOM_SANITIZE})
endif()

# The preset "fuzz": every layer is compiled so that libFuzzer sees which branches an input takes.
option(BESOM_FUZZER "build the fuzz targets for libFuzzer (clang)" OFF)
if(BESOM_FUZZER)
  target_compile_options(besom_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()

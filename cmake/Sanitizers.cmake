# -DBESOM_SANITIZE=address,undefined | thread | (empty)
set(BESOM_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
add_library(besom_sanitizers INTERFACE)
if(BESOM_SANITIZE)
  target_compile_options(besom_sanitizers INTERFACE
    -fsanitize=${BESOM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(besom_sanitizers INTERFACE -fsanitize=${BESOM_SANITIZE})
endif()

option(BESOM_WERROR "warnings are errors" ON)
add_library(besom_warnings INTERFACE)
target_compile_options(besom_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wpointer-arith -Wformat=2 $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation> -Wno-format-nonliteral -Wundef $<$<BOOL:${BESOM_WERROR}>:-Werror>)

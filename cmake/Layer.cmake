# All that the style checks read; tests and programs are not among them.
add_custom_target(layers)

# besom_layer(NAME SOURCES a.c … USES below…): one static archive; what it links is what it may include.
function(besom_layer name)
  cmake_parse_arguments(L "" "" "SOURCES;USES" ${ARGN})
  add_library(${name} STATIC ${L_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${L_USES} besom_sanitizers PRIVATE besom_warnings)
  add_dependencies(layers ${name})
endfunction()

# besom_test(NAME SOURCES a_test.c … USES layer… LABELS unit): one test program, one CTest entry a TEST() in it.
function(besom_test name)
  cmake_parse_arguments(T "" "" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${T_SOURCES} ${CMAKE_SOURCE_DIR}/tests/test_main.c)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE
    TEST_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TEST_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${T_USES} besom_warnings besom_sanitizers)
  foreach(file ${T_SOURCES})
    file(STRINGS ${file} tests REGEX "^TEST\\([a-z0-9_]+\\)")
    foreach(line ${tests})
      string(REGEX REPLACE "^TEST\\(([a-z0-9_]+)\\).*" "\\1" test ${line})
      add_test(NAME ${name}.${test} COMMAND ${name} ${test})
      set_tests_properties(${name}.${test} PROPERTIES
        LABELS "${T_LABELS}" TIMEOUT 300 SKIP_RETURN_CODE 77)
    endforeach()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
endfunction()

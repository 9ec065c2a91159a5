# Each dependency has one owner (docs/DEPENDENCIES.md); layers name these targets in USES.
find_package(PkgConfig REQUIRED)

# What ships starts in half the time with the libraries' archives in it: `besom report` is called in
# training's loop. Where there is no archive (cJSON's on Debian), the shared library serves.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(static_default ON)
else()
  set(static_default OFF)
endif()
option(BESOM_STATIC_DEPENDENCIES "link the archives of the libraries that have them" ${static_default})
set(shared_suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
if(BESOM_STATIC_DEPENDENCIES)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a ${shared_suffixes})
endif()

pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(cjson REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(uv REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(nlopt REQUIRED IMPORTED_TARGET nlopt)
pkg_check_modules(ssl REQUIRED IMPORTED_TARGET libssl libcrypto)
find_package(GSL REQUIRED)
find_library(HTTP_PARSER http_parser REQUIRED) # has no pkg-config file

if(BESOM_STATIC_DEPENDENCIES)
  find_library(UV_ARCHIVE uv_a)
  if(UV_ARCHIVE)
    set_target_properties(PkgConfig::uv PROPERTIES INTERFACE_LINK_LIBRARIES
      "${UV_ARCHIVE};${CMAKE_DL_LIBS}")
  endif()
endif()
set(CMAKE_FIND_LIBRARY_SUFFIXES ${shared_suffixes})

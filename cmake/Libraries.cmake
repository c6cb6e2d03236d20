# SPDX-License-Identifier: GPL-2.0-or-later
# Every library the sensor stands on, and the Debian package that brings it. docs/DEPENDENCIES.md says what each is for.
# All missing ones are named in one message, so that one apt-get cures them.

find_package(PkgConfig)
if(NOT PkgConfig_FOUND)
    message(FATAL_ERROR "pkg-config is missing: apt-get install pkg-config")
endif()

add_library(jndi_libraries INTERFACE)
set(missing_packages "")

# module: as pkg-config knows it. package: as Debian calls it.
function(need_module module package)
    string(MAKE_C_IDENTIFIER "LIB_${module}" var)
    pkg_check_modules(${var} QUIET IMPORTED_TARGET ${module})
    if(${var}_FOUND)
        target_link_libraries(jndi_libraries INTERFACE PkgConfig::${var})
    else()
        message(STATUS "${module}: not found (Debian package ${package})")
        set(missing_packages "${missing_packages} ${package}" PARENT_SCOPE)
    endif()
endfunction()

need_module(libpcap libpcap-dev)
need_module(libhs libhyperscan-dev) # vectorscan installs the same libhs.pc, header and library name
need_module(yaml-0.1 libyaml-dev)
need_module(zlib zlib1g-dev)
need_module(libxxhash libxxhash-dev)
need_module(libmd libmd-dev)
need_module(libpcre2-8 libpcre2-dev)
need_module(liblzma liblzma-dev)
need_module(libzstd libzstd-dev)
need_module(libnghttp2 libnghttp2-dev)
need_module(libseccomp libseccomp-dev)
need_module(libcap-ng libcap-ng-dev)
need_module(libbrotlidec libbrotli-dev)
need_module(jansson libjansson-dev)

# These ship no .pc file.
function(need_library library header package)
    string(TOUPPER ${library} var)
    find_path(${var}_INCLUDE_DIR ${header})
    find_library(${var}_LIBRARY ${library})
    if(${var}_INCLUDE_DIR AND ${var}_LIBRARY)
        target_include_directories(jndi_libraries SYSTEM INTERFACE ${${var}_INCLUDE_DIR})
        target_link_libraries(jndi_libraries INTERFACE ${${var}_LIBRARY})
    else()
        message(STATUS "${library}: not found (Debian package ${package})")
        set(missing_packages "${missing_packages} ${package}" PARENT_SCOPE)
    endif()
endfunction()

need_library(nids nids.h libnids-dev)
need_library(bz2 bzlib.h libbz2-dev)

if(missing_packages)
    message(FATAL_ERROR "Libraries are missing. On Debian: apt-get install${missing_packages}\n"
                        "(or, for everything at once: make deps)")
endif()

# SPDX-License-Identifier: GPL-2.0-or-later
# One interface target, jndi_flags, carries how everything of ours is compiled and linked.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF) # -std=c17; the GNU and POSIX interfaces come with _GNU_SOURCE
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()
# Without -DNDEBUG: an impossible state stops a sensor, it does not go on guessing.
set(CMAKE_C_FLAGS_RELEASE "-O3 -g")

add_library(jndi_flags INTERFACE)
target_compile_definitions(jndi_flags INTERFACE _GNU_SOURCE JNDI_VERSION="${PROJECT_VERSION}")
target_compile_options(jndi_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow)
target_include_directories(jndi_flags INTERFACE ${PROJECT_SOURCE_DIR}/sensor)
if(JNDI_WERROR)
    target_compile_options(jndi_flags INTERFACE -Werror)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

if(JNDI_SANITIZE OR JNDI_FUZZ)
    set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(jndi_flags INTERFACE ${sanitizers})
    target_link_options(jndi_flags INTERFACE ${sanitizers})
    if(JNDI_FUZZ)
        if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
            message(FATAL_ERROR "JNDI_FUZZ needs clang: use the fuzz preset, or -DCMAKE_C_COMPILER=clang")
        endif()
        target_compile_options(jndi_flags INTERFACE -fsanitize=fuzzer-no-link)
    endif()
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
    include(CheckCCompilerFlag)
    target_compile_options(jndi_flags INTERFACE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    target_link_options(jndi_flags INTERFACE -Wl,-z,relro,-z,now)
    foreach(flag -fstack-clash-protection -fcf-protection) # the second is x86 only
        string(MAKE_C_IDENTIFIER "HAVE${flag}" var)
        check_c_compiler_flag(${flag} ${var})
        if(${var})
            target_compile_options(jndi_flags INTERFACE ${flag})
        endif()
    endforeach()
endif()

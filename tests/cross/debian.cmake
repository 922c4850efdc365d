# Builds for another machine than this one: CSIG_MACHINE, with Debian's cross compiler for it and the libraries that
# sysroot.sh has unpacked in CSIG_SYSROOT. Programs run in qemu.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CSIG_MACHINE CSIG_SYSROOT)
set(machine_arm64 aarch64 aarch64-linux-gnu aarch64)
set(machine_armhf armv7l arm-linux-gnueabihf arm)
set(machine_i386 i686 i686-linux-gnu i386)
set(machine_s390x s390x s390x-linux-gnu s390x)
list(GET machine_${CSIG_MACHINE} 0 CMAKE_SYSTEM_PROCESSOR)
list(GET machine_${CSIG_MACHINE} 1 triple)
list(GET machine_${CSIG_MACHINE} 2 qemu)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${triple}-gcc)
set(CMAKE_SYSROOT ${CSIG_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${qemu} -L ${CSIG_SYSROOT})
if(CSIG_MACHINE STREQUAL i386)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${CSIG_SYSROOT}/lib/ld-linux.so.2
        --library-path ${CSIG_SYSROOT}/lib/i386-linux-gnu:${CSIG_SYSROOT}/usr/lib/i386-linux-gnu)
endif()

string(REPLACE i686 i386 folder ${triple}) # where Debian has the libraries
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CSIG_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CSIG_SYSROOT}/usr/lib/${folder}/pkgconfig:${CSIG_SYSROOT}/usr/share/pkgconfig)

# Builds for another machine than this one: CSIG_MACHINE, with Debian's cross compiler for it and the libraries that
# sysroot.sh has unpacked in CSIG_SYSROOT.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CSIG_MACHINE CSIG_SYSROOT)
# The processor, Debian's name of the compiler, the folder of the libraries, who runs the programs.
set(arm64 aarch64 aarch64-linux-gnu aarch64-linux-gnu qemu-aarch64 -L ${CSIG_SYSROOT})
set(armhf armv7l arm-linux-gnueabihf arm-linux-gnueabihf qemu-arm -L ${CSIG_SYSROOT})
set(s390x s390x s390x-linux-gnu s390x-linux-gnu qemu-s390x -L ${CSIG_SYSROOT})
set(i386 i686 i686-linux-gnu i386-linux-gnu ${CSIG_SYSROOT}/lib/ld-linux.so.2 --library-path
    ${CSIG_SYSROOT}/lib/i386-linux-gnu:${CSIG_SYSROOT}/usr/lib/i386-linux-gnu:${CSIG_SYSROOT}/usr/lib)
list(POP_FRONT ${CSIG_MACHINE} CMAKE_SYSTEM_PROCESSOR compiler folder)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${compiler}-gcc)
set(CMAKE_SYSROOT ${CSIG_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR ${${CSIG_MACHINE}})

set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CSIG_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CSIG_SYSROOT}/usr/lib/${folder}/pkgconfig:${CSIG_SYSROOT}/usr/lib/pkgconfig)

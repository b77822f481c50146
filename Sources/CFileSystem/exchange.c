// In C because Swift imports neither variadic functions nor those that the C library has behind a macro of its own.

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "CFileSystem.h"

#include <errno.h>

#if defined(__APPLE__)

#include <stdio.h>

// renamex_np(2).
int file_system_exchange(const char *one, const char *other) { return renamex_np(one, other, RENAME_SWAP); }

#elif defined(__linux__)

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// rename(2): RENAME_EXCHANGE is 2. By its number, as not every C library has the function.
int file_system_exchange(const char *one, const char *other) {
#ifdef SYS_renameat2
    return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2u);
#else
    (void)one, (void)other;
    errno = ENOSYS;
    return -1;
#endif
}

#else

int file_system_exchange(const char *one, const char *other) {
    (void)one, (void)other;
    errno = ENOSYS;
    return -1;
}

#endif

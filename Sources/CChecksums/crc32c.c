#include "CChecksums.h"

// In C because Swift cannot compile one function for more than the processor that a program is built for.

#if defined(__x86_64__) && (defined(__clang__) || defined(__GNUC__))

#include <cpuid.h>
#include <string.h>

bool checksums_has_crc32c(void) {
    unsigned int a = 0, b = 0, c = 0, d = 0;
    // Intel SDM, CPUID leaf 1: ECX bit 20 is SSE4.2.
    return __get_cpuid(1, &a, &b, &c, &d) && (c & (1u << 20));
}

__attribute__((target("sse4.2")))
uint32_t checksums_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *place = bytes;
    uint64_t state = crc;
    for (; count >= 8; place += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, place, 8);
        state = __builtin_ia32_crc32di(state, word);
    }
    uint32_t rest = (uint32_t)state;
    for (; count > 0; place++, count--) rest = __builtin_ia32_crc32qi(rest, *place);
    return rest;
}

#elif defined(__aarch64__) && defined(__LITTLE_ENDIAN__) && defined(__clang__) && (defined(__APPLE__) || defined(__linux__))

#include <string.h>

#if defined(__linux__)
#include <sys/auxv.h>

bool checksums_has_crc32c(void) {
    // HWCAP_CRC32 of Linux's <asm/hwcap.h>.
    return getauxval(AT_HWCAP) & (1ul << 7);
}
#else
bool checksums_has_crc32c(void) {
    // All of Apple's 64-bit processors that the supported systems run on have it (ARMv8.1).
    return true;
}
#endif

__attribute__((target("crc")))
uint32_t checksums_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *place = bytes;
    for (; count >= 8; place += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, place, 8);
        crc = __builtin_arm_crc32cd(crc, word);
    }
    for (; count > 0; place++, count--) crc = __builtin_arm_crc32cb(crc, *place);
    return crc;
}

#else

bool checksums_has_crc32c(void) {
    return false;
}

uint32_t checksums_crc32c(uint32_t crc, const void *bytes, size_t count) {
    (void)bytes, (void)count;
    return crc;
}

#endif

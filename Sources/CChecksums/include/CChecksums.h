#ifndef C_CHECKSUMS_H
#define C_CHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether the processor has an instruction for CRC-32C.
bool checksums_has_crc32c(void);

/// The register of a CRC-32C (not inverted) behind some more bytes; only where `checksums_has_crc32c()`.
uint32_t checksums_crc32c(uint32_t crc, const void *bytes, size_t count);

#endif

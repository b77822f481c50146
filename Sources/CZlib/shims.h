// What Swift needs of zlib: its header, and functions for those of its macros that Swift cannot call.
#pragma once
#include <string.h>
#include <zlib.h>

// Deflate without header and trailer (RFC 1951), as permessage-deflate has it: hence the negative window bits.

static inline int czlib_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
    memset(stream, 0, sizeof *stream);
    return deflateInit2(stream, level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int czlib_inflate_init(z_stream *stream, int window_bits) {
    memset(stream, 0, sizeof *stream);
    return inflateInit2(stream, -window_bits);
}

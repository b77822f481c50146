#ifndef C_REFERENCE_H
#define C_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this was compiled with optimisation; figures mean nothing without.
bool reference_is_optimized(void);

/// How many allocations the process has made; 0 where they cannot be counted. Exact as long as one thread allocates.
uint64_t reference_allocations(void);

/// The CPU time that the process has used, in seconds: on a busy machine it says more than the time of day.
double reference_cpu_seconds(void);

/// The CPU time that this process's children have used that it has waited for, in seconds.
double reference_children_cpu_seconds(void);

/// The time of day that never goes back, in seconds.
double reference_wall_seconds(void);

/// Keeps all threads that the process has, and those that they start, on one core: what is measured then is work, not two cores' traffic.
/// False where that is not possible (everywhere but on Linux).
bool reference_pin(void);

/// Lets the threads go wherever they might before.
void reference_unpin(void);

/// What a parser of event streams has handed out: the number of events, and of the bytes in their names and data.
typedef struct {
    uint64_t events;
    uint64_t bytes;
} reference_sum;

/// An incremental parser of event streams by memchr and memcpy, as fast as plain C is without much ado.
typedef struct reference_parser reference_parser;

/// A parser; `owned` makes it copy each event into memory of its own, as a library must that hands out events to keep.
reference_parser *reference_parser_create(bool owned);
void reference_parser_destroy(reference_parser *parser);
void reference_parser_feed(reference_parser *parser, const uint8_t *bytes, size_t count);
reference_sum reference_parser_sum(const reference_parser *parser);

#endif

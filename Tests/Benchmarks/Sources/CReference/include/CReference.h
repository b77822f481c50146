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

// MARK: Appending to a file. Each returns the seconds that it took, or -1 when a call failed.

/// A file that events are appended to.
typedef struct reference_file reference_file;

/// Opens a file, empty; with `preallocated` > 0 filled with so many zeros, within which it is written round and round. NULL when a call failed.
reference_file *reference_file_open(const char *path, size_t preallocated);
void reference_file_close(reference_file *file);
/// Writes an event so many times, one write(2) each, each followed by fdatasync when `synced`.
double reference_append_each(reference_file *file, const void *event, size_t size, int count, bool synced);
/// Writes `count` events by one thread, one write and one fdatasync per `batch`: a group commit without anybody to be answered.
double reference_append_batches(reference_file *file, const void *event, size_t size, int batch, int count);
/// Has so many threads append `count` events each, who share writes and syncs: the first who waits does it for all.
double reference_append_group(reference_file *file, const void *event, size_t size, int writers, int count);

// MARK: Databases

/// A database of SQLite, in WAL mode with synchronous=FULL.
typedef struct reference_sqlite reference_sqlite;

/// Whether the machine has the library.
bool reference_sqlite_is_there(void);
/// Opens a new database; NULL when that fails.
reference_sqlite *reference_sqlite_open(const char *path);
void reference_sqlite_close(reference_sqlite *base);
/// Has so many threads insert `count` events each, one transaction per event, over one connection that they take turns with.
double reference_sqlite_append(reference_sqlite *base, const void *event, size_t size, int writers, int count);

/// A TCP port of the loopback interface that nobody listens on; 0 when there is none.
int32_t reference_free_port(void);

/// Connections to a Redis on this machine.
typedef struct reference_redis reference_redis;

/// Connects so often to a port; NULL when that fails.
reference_redis *reference_redis_connect(int32_t port, int32_t count);
void reference_redis_close(reference_redis *redis);
/// Appends `count` events per connection (XADD, a stream each), one outstanding on each. Only on Linux; elsewhere it returns -1.
double reference_redis_append(reference_redis *redis, const void *event, size_t size, int count);

#endif

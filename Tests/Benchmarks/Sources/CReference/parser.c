#include "CReference.h"

#include <stdlib.h>
#include <string.h>

/// Bytes that outlive a chunk.
typedef struct {
    uint8_t *start;
    size_t count;
    size_t capacity;
} buffer;

/// Bytes that lie somewhere else; `start` is null when there are none.
typedef struct {
    const uint8_t *start;
    size_t count;
} view;

struct reference_parser {
    reference_sum sum;
    bool owned;
    uint8_t *last_event;

    bool skip_line_feed;
    buffer line;       // the part of a line that earlier chunks brought

    bool has_data;
    view data_view;    // the only data line, in the chunk
    buffer data;       // the data lines, when there are more or the chunk is gone
    view name;
    buffer name_copy;
    buffer id;
    uint64_t retry;
};

static void append(buffer *to, const void *bytes, size_t count) {
    if (to->capacity - to->count < count) {
        to->capacity = (to->count + count) * 2 + 64;
        to->start = realloc(to->start, to->capacity);
        if (!to->start) abort();
    }
    if (count) memcpy(to->start + to->count, bytes, count);
    to->count += count;
}

static void assign(buffer *to, view from) {
    to->count = 0;
    append(to, from.start, from.count);
}

static void dispatch(reference_parser *self) {
    if (self->has_data) {
        view data = self->data_view;
        if (!data.start) data = (view){self->data.start, self->data.count};
        view name = self->name;
        if (!name.start || name.count == 0) name = (view){(const uint8_t *)"message", 7};
        self->sum.events += 1;
        self->sum.bytes += name.count + data.count;
        if (self->owned) {
            uint8_t *event = malloc(name.count + data.count + 1);
            if (!event) abort();
            memcpy(event, name.start, name.count);
            memcpy(event + name.count, data.start, data.count);
            free(self->last_event);
            self->last_event = event;
        }
    }
    self->has_data = false;
    self->data_view.start = NULL;
    self->name.start = NULL;
}

static void keep_data(reference_parser *self) {
    if (!self->data_view.start) return;
    assign(&self->data, self->data_view);
    self->data_view.start = NULL;
}

static view value_after(const uint8_t *line, size_t count, size_t name) {
    size_t skipped = name + 1;
    if (skipped < count && line[skipped] == ' ') skipped += 1;
    return (view){line + skipped, count - skipped};
}

/// One line without its break; `in_chunk` when its bytes stay where they are until the chunk is done.
static inline void read_line(reference_parser *self, const uint8_t *line, size_t count, bool in_chunk) {
    if (count == 0) {
        dispatch(self);
    } else if (count >= 5 && memcmp(line, "data:", 5) == 0) {
        view value = value_after(line, count, 4);
        if (in_chunk && !self->has_data) {
            self->data_view = value;
        } else {
            keep_data(self);
            if (self->has_data) append(&self->data, "\n", 1);
            else self->data.count = 0;
            append(&self->data, value.start, value.count);
        }
        self->has_data = true;
    } else if (count >= 6 && memcmp(line, "event:", 6) == 0) {
        self->name = value_after(line, count, 5);
        if (!in_chunk) {
            assign(&self->name_copy, self->name);
            self->name.start = self->name_copy.start;
        }
    } else if (count >= 3 && memcmp(line, "id:", 3) == 0) {
        view value = value_after(line, count, 2);
        if (value.count == 0 || !memchr(value.start, 0, value.count)) assign(&self->id, value);
    } else if (count >= 6 && memcmp(line, "retry:", 6) == 0) {
        view value = value_after(line, count, 5);
        uint64_t retry = 0;
        for (size_t i = 0; i < value.count; i++) {
            if (value.start[i] < '0' || value.start[i] > '9') return;
            retry = retry * 10 + (value.start[i] - '0');
        }
        if (value.count) self->retry = retry;
    }
}

void reference_parser_feed(reference_parser *self, const uint8_t *bytes, size_t count) {
    const uint8_t *here = bytes, *end = bytes + count;
    if (here < end && self->skip_line_feed) {
        self->skip_line_feed = false;
        if (*here == '\n') here += 1;
    }
    while (here < end) {
        const uint8_t *line_feed = memchr(here, '\n', (size_t)(end - here));
        const uint8_t *line_end = line_feed ? line_feed : end;
        const uint8_t *carriage_return = memchr(here, '\r', (size_t)(line_end - here));
        if (carriage_return) line_end = carriage_return;
        size_t length = (size_t)(line_end - here);
        if (line_end == end) {
            append(&self->line, here, length);
            break;
        }
        if (self->line.count) {
            append(&self->line, here, length);
            read_line(self, self->line.start, self->line.count, false);
            self->line.count = 0;
        } else {
            read_line(self, here, length, true);
        }
        here = line_end + 1;
        if (*line_end == '\r') {
            if (here == end) self->skip_line_feed = true;
            else if (*here == '\n') here += 1;
        }
    }
    keep_data(self);
    if (self->name.start && self->name.start != self->name_copy.start) {
        assign(&self->name_copy, self->name);
        self->name.start = self->name_copy.start;
    }
}

reference_sum reference_parser_sum(const reference_parser *self) {
    return self->sum;
}

reference_parser *reference_parser_create(bool owned) {
    reference_parser *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->owned = owned;
    return self;
}

void reference_parser_destroy(reference_parser *self) {
    free(self->last_event);
    free(self->line.start);
    free(self->data.start);
    free(self->name_copy.start);
    free(self->id.start);
    free(self);
}

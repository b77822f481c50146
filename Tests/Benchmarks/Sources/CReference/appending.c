#include "CReference.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__APPLE__)
static int sync_data(int descriptor) {
    return fcntl(descriptor, F_FULLFSYNC);
}
#else
static int sync_data(int descriptor) {
    return fdatasync(descriptor);
}
#endif

struct reference_file {
    int descriptor;
    /// The bytes of zeros that were written before; 0 for a file that grows.
    size_t preallocated;
    size_t position;
};

static bool write_all(int descriptor, const void *bytes, size_t count, size_t position) {
    for (size_t done = 0; done < count;) {
        ssize_t written = pwrite(descriptor, (const char *)bytes + done, count - done, (off_t)(position + done));
        if (written <= 0) return false;
        done += (size_t)written;
    }
    return true;
}

reference_file *reference_file_open(const char *path, size_t preallocated) {
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (descriptor < 0) return NULL;
    static const char zeros[1 << 16];
    for (size_t done = 0; done < preallocated; done += sizeof zeros) {
        if (!write_all(descriptor, zeros, sizeof zeros, done)) {
            close(descriptor);
            return NULL;
        }
    }
    if (fsync(descriptor) != 0) {
        close(descriptor);
        return NULL;
    }
    reference_file *file = malloc(sizeof *file);
    *file = (reference_file){descriptor, preallocated, 0};
    return file;
}

void reference_file_close(reference_file *file) {
    close(file->descriptor);
    free(file);
}

static bool append(reference_file *file, const void *bytes, size_t count, bool synced) {
    // Round and round: a block that is written again costs the disk what a fresh one does.
    if (file->preallocated && file->position + count > file->preallocated) file->position = 0;
    if (!write_all(file->descriptor, bytes, count, file->position)) return false;
    file->position += count;
    return !synced || sync_data(file->descriptor) == 0;
}

double reference_append_each(reference_file *file, const void *event, size_t size, int count, bool synced) {
    double start = reference_wall_seconds();
    for (int index = 0; index < count; index++) {
        if (!append(file, event, size, synced)) return -1;
    }
    return reference_wall_seconds() - start;
}

double reference_append_batches(reference_file *file, const void *event, size_t size, int batch, int count) {
    char *bytes = malloc(size * (size_t)batch);
    for (int index = 0; index < batch; index++) memcpy(bytes + size * (size_t)index, event, size);
    double start = reference_wall_seconds();
    double result = 0;
    for (int done = 0; done < count && result >= 0; done += batch) {
        if (!append(file, bytes, size * (size_t)batch, true)) result = -1;
    }
    if (result >= 0) result = reference_wall_seconds() - start;
    free(bytes);
    return result;
}

/// A group commit as databases have it: the first who waits writes and syncs for all, the others sleep.
struct group {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    reference_file *file;
    const void *event;
    size_t size;
    int count;
    char *gathered[2];
    int current;
    size_t length;
    uint64_t last;
    uint64_t durable;
    bool has_leader;
    bool has_failed;
    int waiting_to_begin;
    bool begins;
};

static void *group_writer(void *argument) {
    struct group *group = argument;
    pthread_mutex_lock(&group->mutex);
    group->waiting_to_begin--;
    pthread_cond_broadcast(&group->condition);
    while (!group->begins) pthread_cond_wait(&group->condition, &group->mutex);
    for (int index = 0; index < group->count && !group->has_failed; index++) {
        memcpy(group->gathered[group->current] + group->length, group->event, group->size);
        group->length += group->size;
        uint64_t own = ++group->last;
        while (group->durable < own && !group->has_failed) {
            if (group->has_leader) {
                pthread_cond_wait(&group->condition, &group->mutex);
                continue;
            }
            group->has_leader = true;
            char *bytes = group->gathered[group->current];
            size_t length = group->length;
            uint64_t upto = group->last;
            group->current ^= 1;
            group->length = 0;
            pthread_mutex_unlock(&group->mutex);
            bool is_done = append(group->file, bytes, length, true);
            pthread_mutex_lock(&group->mutex);
            group->durable = upto;
            group->has_leader = false;
            if (!is_done) group->has_failed = true;
            pthread_cond_broadcast(&group->condition);
        }
    }
    pthread_mutex_unlock(&group->mutex);
    return NULL;
}

double reference_append_group(reference_file *file, const void *event, size_t size, int writers, int count) {
    struct group group = {.file = file, .event = event, .size = size, .count = count, .waiting_to_begin = writers};
    pthread_mutex_init(&group.mutex, NULL);
    pthread_cond_init(&group.condition, NULL);
    for (int index = 0; index < 2; index++) group.gathered[index] = malloc(size * (size_t)writers);
    pthread_t *threads = malloc(sizeof *threads * (size_t)writers);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    int started = 0;
    while (started < writers && pthread_create(&threads[started], &attributes, group_writer, &group) == 0) started++;
    pthread_mutex_lock(&group.mutex);
    if (started < writers) group.has_failed = true;
    while (group.waiting_to_begin > writers - started) pthread_cond_wait(&group.condition, &group.mutex);
    group.begins = true;
    double start = reference_wall_seconds();
    pthread_cond_broadcast(&group.condition);
    pthread_mutex_unlock(&group.mutex);
    for (int index = 0; index < started; index++) pthread_join(threads[index], NULL);
    double seconds = reference_wall_seconds() - start;
    pthread_attr_destroy(&attributes);
    free(threads);
    for (int index = 0; index < 2; index++) free(group.gathered[index]);
    pthread_cond_destroy(&group.condition);
    pthread_mutex_destroy(&group.mutex);
    return group.has_failed ? -1 : seconds;
}

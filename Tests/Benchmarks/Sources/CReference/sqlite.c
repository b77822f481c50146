#include "CReference.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The library's interface, by https://sqlite.org/c3ref: it is loaded where the machine has it, so that building this needs none of it.
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
enum { SQLITE_OK = 0, SQLITE_ROW = 100, SQLITE_DONE = 101 };

static struct {
    int (*open)(const char *, sqlite3 **);
    int (*close)(sqlite3 *);
    int (*exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
    int (*prepare_v2)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    int (*bind_int64)(sqlite3_stmt *, int, long long);
    int (*bind_blob)(sqlite3_stmt *, int, const void *, int, void (*)(void *));
    int (*step)(sqlite3_stmt *);
    int (*reset)(sqlite3_stmt *);
    int (*finalize)(sqlite3_stmt *);
} api;

static bool load(void) {
    static bool is_loaded;
    if (is_loaded) return true;
    void *library = dlopen("libsqlite3.so.0", RTLD_NOW);
    if (!library) library = dlopen("libsqlite3.dylib", RTLD_NOW);
    if (!library) return false;
    struct {
        const char *name;
        void **place;
    } symbols[] = {
        {"sqlite3_open", (void **)&api.open},
        {"sqlite3_close", (void **)&api.close},
        {"sqlite3_exec", (void **)&api.exec},
        {"sqlite3_prepare_v2", (void **)&api.prepare_v2},
        {"sqlite3_bind_int64", (void **)&api.bind_int64},
        {"sqlite3_bind_blob", (void **)&api.bind_blob},
        {"sqlite3_step", (void **)&api.step},
        {"sqlite3_reset", (void **)&api.reset},
        {"sqlite3_finalize", (void **)&api.finalize},
    };
    for (size_t index = 0; index < sizeof symbols / sizeof *symbols; index++) {
        *symbols[index].place = dlsym(library, symbols[index].name);
        if (!*symbols[index].place) return false;
    }
    is_loaded = true;
    return true;
}

struct reference_sqlite {
    sqlite3 *database;
    sqlite3_stmt *insert;
    long long last;
    pthread_mutex_t mutex;
    const void *event;
    int size;
    int count;
    bool has_failed;
};

bool reference_sqlite_is_there(void) {
    return load();
}

reference_sqlite *reference_sqlite_open(const char *path) {
    if (!load()) return NULL;
    reference_sqlite *base = calloc(1, sizeof *base);
    pthread_mutex_init(&base->mutex, NULL);
    // Outside a transaction, an insert is a transaction of its own.
    if (api.open(path, &base->database) == SQLITE_OK
        && api.exec(base->database, "PRAGMA journal_mode=WAL", NULL, NULL, NULL) == SQLITE_OK
        && api.exec(base->database, "PRAGMA synchronous=FULL", NULL, NULL, NULL) == SQLITE_OK
        && api.exec(
               base->database,
               "CREATE TABLE events(stream INT, number INT, data BLOB, PRIMARY KEY(stream, number)) WITHOUT ROWID", NULL,
               NULL, NULL)
            == SQLITE_OK
        && api.prepare_v2(base->database, "INSERT INTO events VALUES(1, ?, ?)", -1, &base->insert, NULL) == SQLITE_OK)
        return base;
    reference_sqlite_close(base);
    return NULL;
}

void reference_sqlite_close(reference_sqlite *base) {
    if (base->insert) api.finalize(base->insert);
    if (base->database) api.close(base->database);
    pthread_mutex_destroy(&base->mutex);
    free(base);
}

static void *writer(void *argument) {
    reference_sqlite *base = argument;
    for (int index = 0; index < base->count && !base->has_failed; index++) {
        pthread_mutex_lock(&base->mutex);
        api.bind_int64(base->insert, 1, ++base->last);
        api.bind_blob(base->insert, 2, base->event, base->size, NULL);
        if (api.step(base->insert) != SQLITE_DONE) base->has_failed = true;
        api.reset(base->insert);
        pthread_mutex_unlock(&base->mutex);
    }
    return NULL;
}

double reference_sqlite_append(reference_sqlite *base, const void *event, size_t size, int writers, int count) {
    base->event = event;
    base->size = (int)size;
    base->count = count;
    double start = reference_wall_seconds();
    if (writers == 1) {
        writer(base);
    } else {
        pthread_t *threads = malloc(sizeof *threads * (size_t)writers);
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 256 << 10);
        int started = 0;
        while (started < writers && pthread_create(&threads[started], &attributes, writer, base) == 0) started++;
        for (int index = 0; index < started; index++) pthread_join(threads[index], NULL);
        pthread_attr_destroy(&attributes);
        free(threads);
        if (started < writers) return -1;
    }
    return base->has_failed ? -1 : reference_wall_seconds() - start;
}

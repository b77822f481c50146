#define _GNU_SOURCE
#include "CReference.h"

#if defined(__linux__)

#include <dirent.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static cpu_set_t before;
static bool is_known;

static void apply(const cpu_set_t *set) {
    DIR *threads = opendir("/proc/self/task");
    if (!threads) return;
    for (struct dirent *entry = readdir(threads); entry; entry = readdir(threads)) {
        int thread = atoi(entry->d_name);
        if (thread > 0) sched_setaffinity(thread, sizeof(cpu_set_t), set);
    }
    closedir(threads);
}

bool reference_pin(void) {
    if (!is_known) {
        if (sched_getaffinity(0, sizeof before, &before) != 0) return false;
        is_known = true;
    }
    int core = -1;
    for (int candidate = 0; candidate < CPU_SETSIZE; candidate++) {
        if (CPU_ISSET(candidate, &before)) core = candidate;
    }
    if (core < 0) return false;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    apply(&one);
    return true;
}

void reference_unpin(void) {
    if (is_known) apply(&before);
}

#else

bool reference_pin(void) {
    return false;
}

void reference_unpin(void) {
}

#endif

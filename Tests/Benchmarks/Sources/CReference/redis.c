#include "CReference.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#endif

struct connection {
    int socket;
    int sent;
    /// What was read of an answer whose end has not come.
    char rest[256];
    size_t length;
};

struct reference_redis {
    int count;
    struct connection *connections;
};

reference_redis *reference_redis_connect(int32_t port, int32_t count) {
    reference_redis *redis = malloc(sizeof *redis);
    redis->count = 0;
    redis->connections = calloc((size_t)count, sizeof *redis->connections);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int index = 0; index < count; index++) {
        int descriptor = socket(AF_INET, SOCK_STREAM, 0);
        int one = 1;
        if (descriptor >= 0) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
            if (descriptor >= 0) close(descriptor);
            reference_redis_close(redis);
            return NULL;
        }
        redis->connections[index].socket = descriptor;
        redis->count = index + 1;
    }
    return redis;
}

void reference_redis_close(reference_redis *redis) {
    for (int index = 0; index < redis->count; index++) close(redis->connections[index].socket);
    free(redis->connections);
    free(redis);
}

/// A command that fits into the socket's buffer: at most one is outstanding on a connection.
static bool send_append(int descriptor, int stream, const char *event, size_t size) {
    char command[4096];
    char key[16];
    int key_length = snprintf(key, sizeof key, "s%d", stream);
    int head = snprintf(
        command, sizeof command, "*5\r\n$4\r\nXADD\r\n$%d\r\n%s\r\n$1\r\n*\r\n$1\r\nd\r\n$%zu\r\n", key_length, key, size);
    if ((size_t)head + size + 2 > sizeof command) return false;
    memcpy(command + head, event, size);
    memcpy(command + head + size, "\r\n", 2);
    size_t length = (size_t)head + size + 2;
    return send(descriptor, command, length, 0) == (ssize_t)length;
}

/// Reads on; 1 when the answer (`$N`, the identity) is whole, 0 while it is not, -1 for anything else.
static int read_answer(struct connection *connection) {
    ssize_t got = recv(connection->socket, connection->rest + connection->length,
        sizeof connection->rest - connection->length, 0);
    if (got <= 0) return -1;
    connection->length += (size_t)got;
    if (connection->rest[0] != '$') return -1;
    char *first = memchr(connection->rest, '\n', connection->length);
    if (!first) return 0;
    size_t done = (size_t)(first + 1 - connection->rest);
    if (!memchr(first + 1, '\n', connection->length - done)) return 0;
    connection->length = 0;
    return 1;
}

double reference_redis_append(reference_redis *redis, const void *event, size_t size, int count) {
#if defined(__linux__)
    int poller = epoll_create1(0);
    if (poller < 0) return -1;
    for (int index = 0; index < redis->count; index++) {
        struct epoll_event interest = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, redis->connections[index].socket, &interest) != 0) {
            close(poller);
            return -1;
        }
        redis->connections[index].sent = 0;
    }
    double start = reference_wall_seconds();
    double result = 0;
    int outstanding = 0;
    for (int index = 0; index < redis->count && result >= 0; index++) {
        if (!send_append(redis->connections[index].socket, index, event, size)) result = -1;
        redis->connections[index].sent = 1;
        outstanding++;
    }
    struct epoll_event ready[256];
    while (outstanding > 0 && result >= 0) {
        int number = epoll_wait(poller, ready, 256, 10000);
        if (number <= 0) result = -1;
        for (int place = 0; place < number && result >= 0; place++) {
            int index = (int)ready[place].data.u32;
            struct connection *connection = &redis->connections[index];
            int answer = read_answer(connection);
            if (answer < 0) result = -1;
            if (answer <= 0) continue;
            outstanding--;
            if (connection->sent == count) continue;
            connection->sent++;
            outstanding++;
            if (!send_append(connection->socket, index, event, size)) result = -1;
        }
    }
    close(poller);
    return result < 0 ? -1 : reference_wall_seconds() - start;
#else
    (void)redis, (void)event, (void)size, (void)count;
    return -1;
#endif
}

int32_t reference_free_port(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    bool is_bound = descriptor >= 0 && bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0
        && getsockname(descriptor, (struct sockaddr *)&address, &length) == 0;
    if (descriptor >= 0) close(descriptor);
    return is_bound ? ntohs(address.sin_port) : 0;
}

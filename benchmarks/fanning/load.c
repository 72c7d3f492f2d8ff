/* The load generator: reads what servers write to many WebSockets, or asks and is answered.
 *
 *     load listen SECONDS WARMUP
 *     load ask SECONDS WARMUP SCRIPTS
 *
 * The standard input names the descriptors of open WebSockets, inherited from the parent, on one
 * line. It says "begin" when the warm-up is over, then counts for SECONDS and prints JSON.
 * Latency is the time from a frame's `timestamp` to the moment after the read that brought it;
 * of asking, from the write to the answer. SCRIPTS holds the frames that each connection sends,
 * one outstanding at a time: a count of frames, then length and bytes of each, in host order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire.h"

#define READ_MAX (1 << 18)
#define MICROS_MAX (1 << 22)

struct connection {
    int fd;
    unsigned char *rest;
    size_t rest_size;
    int64_t frames;
    const unsigned char *script;
    uint32_t left;
    int64_t asked_at;
};

static struct connection *connections;
static size_t count, closed, exhausted;
static unsigned char *space;
static uint32_t *histogram;
static int64_t frames_seen, bytes_seen, reads_seen, latency_max;
static int counting, asking;

static void note(int64_t micros) {
    if (micros < 0) micros = 0;
    if (micros > latency_max) latency_max = micros;
    histogram[micros < MICROS_MAX ? micros : MICROS_MAX - 1]++;
}

static int digits(const unsigned char *text, int length) {
    int value = 0;
    for (int i = 0; i < length; i++) value = value * 10 + text[i] - '0';
    return value;
}

/* 2026-11-30T10:04:04.123456Z; the seconds since 1970 are worked out once a minute. */
static int64_t micros_of(const unsigned char *text) {
    static unsigned char minute[16];
    static int64_t minute_seconds;
    if (memcmp(minute, text, sizeof minute) != 0) {
        struct tm at = {.tm_year = digits(text, 4) - 1900,
                        .tm_mon = digits(text + 5, 2) - 1,
                        .tm_mday = digits(text + 8, 2),
                        .tm_hour = digits(text + 11, 2),
                        .tm_min = digits(text + 14, 2)};
        memcpy(minute, text, sizeof minute);
        minute_seconds = timegm(&at);
    }
    return (minute_seconds + digits(text + 17, 2)) * 1000000 + digits(text + 20, 6);
}

static const unsigned char *timestamp_in(const unsigned char *payload, size_t size) {
    static const char mark[] = "\"timestamp\":\"";
    static size_t last;
    const size_t length = sizeof mark - 1;
    if (last + length + 27 <= size && memcmp(payload + last, mark, length) == 0)
        return payload + last + length;
    for (size_t at = size < length + 27 ? 0 : size - length - 27; at > 0; at--) {
        if (payload[at] == '"' && memcmp(payload + at, mark, length) == 0) {
            last = at;
            return payload + at + length;
        }
    }
    return NULL;
}

static void close_connection(struct connection *connection) {
    if (connection->fd < 0) return;
    close(connection->fd);
    connection->fd = -1;
    closed++;
}

static void send_whole(struct connection *connection, const void *data, size_t size) {
    if (write(connection->fd, data, size) != (ssize_t)size) close_connection(connection);
}

static void answer_ping(struct connection *connection, const unsigned char *payload, size_t size) {
    unsigned char pong[131] = {0x8a, 0x80 | (unsigned char)size};
    memcpy(pong + 6, payload, size);
    send_whole(connection, pong, size + 6);
}

static void ask(struct connection *connection) {
    uint32_t size;
    if (connection->left == 0) {
        exhausted++;
        return;
    }
    memcpy(&size, connection->script, sizeof size);
    connection->asked_at = now_micros(CLOCK_MONOTONIC);
    send_whole(connection, connection->script + sizeof size, size);
    connection->script += sizeof size + size;
    connection->left--;
}

static void take(struct connection *connection, const unsigned char *frame, size_t header,
                 size_t size, int64_t at) {
    int opcode = frame[0] & 0x0f;
    if (opcode == 9) {
        answer_ping(connection, frame + header, size - header);
    } else if (opcode == 8) {
        close_connection(connection);
    } else if (opcode == 1) {
        const unsigned char *stamp = asking ? NULL : timestamp_in(frame + header, size - header);
        if (counting) {
            frames_seen++;
            bytes_seen += size;
            connection->frames++;
            if (asking) note(at - connection->asked_at);
            if (stamp != NULL) note(at - micros_of(stamp));
        }
        if (asking) ask(connection);
    }
}

static void receive(struct connection *connection) {
    memcpy(space, connection->rest, connection->rest_size);
    ssize_t got = read(connection->fd, space + connection->rest_size, READ_MAX);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) close_connection(connection);
        return;
    }
    if (counting) reads_seen++;
    int64_t at = now_micros(asking ? CLOCK_MONOTONIC : CLOCK_REALTIME);
    size_t have = connection->rest_size + got, start = 0, header = 0, size;
    while ((size = frame_size(space + start, have - start, &header)) != 0 &&
           size <= have - start) {
        take(connection, space + start, header, size, at);
        if (connection->fd < 0) return;
        start += size;
    }
    connection->rest_size = have - start;
    connection->rest = realloc(connection->rest, connection->rest_size + 1);
    memcpy(connection->rest, space + start, connection->rest_size);
}

static int64_t percentile(double part) {
    int64_t total = 0, sum = 0;
    for (int i = 0; i < MICROS_MAX; i++) total += histogram[i];
    for (int i = 0; i < MICROS_MAX; i++) {
        sum += histogram[i];
        if (sum > 0 && sum >= total * part) return i;
    }
    return 0;
}

static void read_descriptors(int poll) {
    size_t room = 0;
    int fd;
    while (scanf("%d", &fd) == 1) {
        if (count == room) {
            room = room ? 2 * room : 1024;
            connections = realloc(connections, room * sizeof *connections);
        }
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        connections[count++] = (struct connection){.fd = fd};
    }
    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event)) die("epoll_ctl");
    }
}

static void read_scripts(const char *name) {
    struct stat facts;
    int fd = open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &facts)) die(name);
    const unsigned char *at = mmap(NULL, facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) die("mmap");
    for (size_t i = 0; i < count; i++) {
        memcpy(&connections[i].left, at, sizeof(uint32_t));
        at += sizeof(uint32_t);
        connections[i].script = at;
        for (uint32_t frame = 0; frame < connections[i].left; frame++) {
            uint32_t size;
            memcpy(&size, at, sizeof size);
            at += sizeof size + size;
        }
    }
}

static void run_until(int poll, int64_t end) {
    struct epoll_event events[EVENTS_MAX];
    int64_t left;
    while ((left = end - now_micros(CLOCK_MONOTONIC)) > 0) {
        int ready = epoll_wait(poll, events, EVENTS_MAX, (int)(left / 1000) + 1);
        if (ready < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < ready; i++) receive(&connections[events[i].data.u64]);
    }
}

int main(int argc, char **argv) {
    if (argc < 4) return fprintf(stderr, "load listen|ask SECONDS WARMUP [SCRIPTS]\n"), 2;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    asking = strcmp(argv[1], "ask") == 0;
    histogram = calloc(MICROS_MAX, sizeof *histogram);
    space = malloc(2 * READ_MAX);
    read_descriptors(poll);
    if (asking) {
        read_scripts(argv[4]);
        for (size_t i = 0; i < count; i++) ask(&connections[i]);
    }
    puts("ready");
    fflush(stdout);
    int64_t begin = now_micros(CLOCK_MONOTONIC) + (int64_t)(atof(argv[3]) * 1e6);
    run_until(poll, begin);
    puts("begin");
    fflush(stdout);
    counting = 1;
    int64_t length = (int64_t)(atof(argv[2]) * 1e6);
    run_until(poll, begin + length);
    double elapsed = (now_micros(CLOCK_MONOTONIC) - begin) / 1e6;
    size_t silent = 0;
    for (size_t i = 0; i < count; i++) silent += connections[i].frames == 0;
    printf("{\"frames\":%lld,\"bytes\":%lld,\"reads\":%lld,\"seconds\":%.6f,\"p50_us\":%lld,"
           "\"p99_us\":%lld,\"max_us\":%lld,\"silent\":%zu,\"closed\":%zu,\"exhausted\":%zu}\n",
           (long long)frames_seen, (long long)bytes_seen, (long long)reads_seen, elapsed,
           (long long)percentile(0.50), (long long)percentile(0.99), (long long)latency_max,
           silent, closed, exhausted);
    return 0;
}

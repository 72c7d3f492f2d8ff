/* The kernel's limit: a server that writes ready frames to WebSockets and does nothing else.
 *
 *     limit PORT FRAME ANSWER
 *
 * FRAME and ANSWER are files, each with the text of one message. FRAME goes to all connections,
 * with only its `timestamp` set; ANSWER to who sends anything. A line "FRAMES WRITES_PER_SECOND"
 * on the standard input says how many frames each write carries and how often; 0 writes a
 * second: as often as they can be done; 0 frames: nothing. A reader who is behind is left out.
 * The handshake is answered without looking at it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

#define FDS_MAX 65536
#define FRAMES_MAX 64
#define READ_MAX 65536
#define STAMP_SIZE 27
#define CONTROL 0

static const char accepted[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: unchecked\r\n\r\n";

struct connection {
    int upgraded;
    char *rest;
    size_t rest_size;
    unsigned char *request;
    size_t request_size;
};

struct message {
    char bytes[READ_MAX];
    size_t size, stamp;
};

static struct connection connections[FDS_MAX];
static int fds[FDS_MAX], fds_count, poll;
static struct message frame, answer;
static char batch[FRAMES_MAX * READ_MAX];

static void read_message(const char *name, struct message *message) {
    char payload[READ_MAX - 4];
    FILE *file = fopen(name, "rb");
    if (file == NULL) die(name);
    size_t size = fread(payload, 1, sizeof payload, file), header = 2;
    fclose(file);
    message->bytes[0] = (char)0x81;
    message->bytes[1] = (char)size;
    if (size > 125) {
        message->bytes[1] = 126;
        message->bytes[2] = (char)(size >> 8);
        message->bytes[3] = (char)size;
        header = 4;
    }
    memcpy(message->bytes + header, payload, size);
    message->size = header + size;
    static const char mark[] = "\"timestamp\":\"";
    char *end = message->bytes + message->size, *at = message->bytes;
    while ((at = memmem(at, end - at, mark, sizeof mark - 1)) != NULL) {
        at += sizeof mark - 1;
        message->stamp = at - message->bytes;
    }
}

static void watch(int fd, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poll, operation, fd, &event)) die("epoll_ctl");
}

static void forget(int fd) {
    struct connection *connection = &connections[fd];
    free(connection->rest);
    free(connection->request);
    memset(connection, 0, sizeof *connection);
    close(fd);
    for (int i = 0; i < fds_count; i++)
        if (fds[i] == fd) fds[i--] = fds[--fds_count];
}

static void send_to(int fd, const char *data, size_t size) {
    struct connection *connection = &connections[fd];
    if (connection->rest_size != 0) return;
    ssize_t written = write(fd, data, size);
    if (written == (ssize_t)size) return;
    if (written < 0) {
        if (errno != EAGAIN) return;
        written = 0;
    }
    connection->rest_size = size - written;
    connection->rest = realloc(connection->rest, connection->rest_size);
    memcpy(connection->rest, data + written, connection->rest_size);
    watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static void send_rest(int fd) {
    struct connection *connection = &connections[fd];
    ssize_t written = write(fd, connection->rest, connection->rest_size);
    if (written <= 0) return;
    connection->rest_size -= written;
    memmove(connection->rest, connection->rest + written, connection->rest_size);
    if (connection->rest_size == 0) watch(fd, EPOLLIN, EPOLL_CTL_MOD);
}

static void broadcast(int frames, int64_t stamp_micros) {
    char stamp[64];
    time_t second = stamp_micros / 1000000;
    struct tm at;
    gmtime_r(&second, &at);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &at);
    sprintf(stamp + 19, ".%06dZ", (int)(stamp_micros % 1000000));
    memcpy(frame.bytes + frame.stamp, stamp, STAMP_SIZE);
    for (int i = 0; i < frames; i++) memcpy(batch + i * frame.size, frame.bytes, frame.size);
    for (int i = 0; i < fds_count; i++)
        if (connections[fds[i]].upgraded) send_to(fds[i], batch, frames * frame.size);
}

static void take_requests(int fd) {
    struct connection *connection = &connections[fd];
    unsigned char *data = connection->request;
    size_t start = 0, header, size;
    while ((size = frame_size(data + start, connection->request_size - start, &header)) != 0 &&
           size <= connection->request_size - start) {
        if ((data[start] & 0x0f) == 1) send_to(fd, answer.bytes, answer.size);
        start += size;
    }
    connection->request_size -= start;
    memmove(data, data + start, connection->request_size);
}

static void receive(int fd) {
    struct connection *connection = &connections[fd];
    unsigned char data[READ_MAX];
    ssize_t got = read(fd, data, sizeof data);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) forget(fd);
        return;
    }
    connection->request = realloc(connection->request, connection->request_size + got);
    memcpy(connection->request + connection->request_size, data, got);
    connection->request_size += got;
    if (connection->upgraded) {
        take_requests(fd);
    } else if (memmem(connection->request, connection->request_size, "\r\n\r\n", 4) != NULL) {
        connection->request_size = 0;
        connection->upgraded = 1;
        send_to(fd, accepted, sizeof accepted - 1);
    }
}

static void accept_all(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= FDS_MAX) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fds[fds_count++] = fd;
        watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static int listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address)) die("bind");
    if (listen(listener, 4096)) die("listen");
    return listener;
}

/* Reads the last line of what came; the parent writes whole lines. */
static int read_control(int *frames, int64_t *interval) {
    char line[256];
    double per_second;
    ssize_t got = read(CONTROL, line, sizeof line - 1);
    if (got <= 0) return 0;
    line[got - 1] = 0;
    char *last = strrchr(line, '\n');
    if (sscanf(last == NULL ? line : last, "%d %lf", frames, &per_second) != 2) return 0;
    *interval = per_second > 0 ? (int64_t)(1e6 / per_second) : 0;
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "limit PORT FRAME ANSWER\n"), 2;
    read_message(argv[2], &frame);
    read_message(argv[3], &answer);
    poll = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on(atoi(argv[1])), frames = 0;
    int64_t interval = 0, due = 0;
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    watch(CONTROL, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        struct epoll_event events[EVENTS_MAX];
        int64_t now = now_micros(CLOCK_REALTIME);
        int wait = frames == 0 ? -1 : interval == 0 || due <= now ? 0 : (int)((due - now) / 1000);
        int ready = epoll_wait(poll, events, EVENTS_MAX, wait);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                accept_all(listener);
            } else if (fd == CONTROL) {
                if (!read_control(&frames, &interval)) return 0;
                due = now_micros(CLOCK_REALTIME);
            } else {
                if (events[i].events & EPOLLOUT) send_rest(fd);
                if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(fd);
            }
        }
        now = now_micros(CLOCK_REALTIME);
        if (frames > 0 && (interval == 0 || due <= now)) {
            broadcast(frames, interval == 0 ? now : due);
            due += interval;
        }
    }
}

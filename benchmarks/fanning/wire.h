/* What both C programs need of WebSockets and clocks. */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EVENTS_MAX 1024

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

static inline int64_t now_micros(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

/* Reads a frame's header: returns the bytes of the whole frame, or 0 while they are not known. */
static inline size_t frame_size(const unsigned char *data, size_t have, size_t *header) {
    if (have < 2) return 0;
    size_t length = data[1] & 0x7f;
    *header = 2;
    if (length == 126) {
        if (have < 4) return 0;
        length = (size_t)data[2] << 8 | data[3];
        *header = 4;
    } else if (length == 127) {
        if (have < 10) return 0;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | data[i];
        *header = 10;
    }
    if (data[1] & 0x80) *header += 4;
    return *header + length;
}

#endif

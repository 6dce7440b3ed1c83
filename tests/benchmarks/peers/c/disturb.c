// Owns the floods and the stall, each for a time that ends; knows no request.

#include "disturb.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char LOG[] = "{\"jsonrpc\":\"2.0\",\"method\":\"hub.log\",\"params\":{\"level\":\"info\",\"message\":\"a flood of log\"}}\n";
static const char LINE[] = "info: a flood of lines on standard error\n";

static long long milliseconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void write_all(int descriptor, const char *bytes, size_t length) {
    while (length) {
        ssize_t done = write(descriptor, bytes, length);
        if (done <= 0) exit(1);
        bytes += done;
        length -= (size_t)done;
    }
}

long long disturb(span how, long long milliseconds) {
    long long count = 0, end = milliseconds_now() + milliseconds;
    if (json_is(how, "\"stall\"")) {
        struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
        nanosleep(&time, NULL);
        return 1;
    }
    for (; milliseconds_now() < end; count++) {
        if (json_is(how, "\"log\"")) write_all(1, LOG, sizeof LOG - 1);
        else if (json_is(how, "\"stderr\"")) write_all(2, LINE, sizeof LINE - 1);
    }
    return count;
}

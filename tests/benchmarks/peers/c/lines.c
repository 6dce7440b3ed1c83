// Owns the buffers: linear time for any line, one read and one write for many small ones; knows no JSON.

#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)

static void *grown(void *bytes, size_t room) {
    void *found = realloc(bytes, room);
    if (!found) {
        fputs("cannot go on: no memory\n", stderr);
        exit(1);
    }
    return found;
}

int line_ready(input *in, span *line) {
    char *from = in->bytes + in->begin;
    char *feed = in->end > in->searched ? memchr(in->bytes + in->searched, '\n', in->end - in->searched) : NULL;
    if (!feed) {
        in->searched = in->end;
        return 0;
    }
    *line = (span){from, (size_t)(feed - from)};
    in->begin = in->searched = (size_t)(feed - in->bytes) + 1;
    return 1;
}

int line_more(input *in) {
    if (in->begin == in->end) in->begin = in->end = in->searched = 0;
    if (in->room - in->end < READ_BYTES && in->begin) {
        memmove(in->bytes, in->bytes + in->begin, in->end - in->begin);
        in->end -= in->begin;
        in->searched -= in->begin;
        in->begin = 0;
    }
    if (in->room - in->end < READ_BYTES) {
        in->room = in->room * 2 + READ_BYTES;
        in->bytes = grown(in->bytes, in->room);
    }
    ssize_t got;
    do got = read(in->descriptor, in->bytes + in->end, in->room - in->end);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return 0;
    in->end += (size_t)got;
    return 1;
}

char *room_for(output *out, size_t bytes) {
    if (out->room - out->length < bytes) {
        out->room = (out->length + bytes) * 2;
        out->bytes = grown(out->bytes, out->room);
    }
    return out->bytes + out->length;
}

void flush(output *out) {
    for (size_t at = 0; at < out->length;) {
        ssize_t done = write(out->descriptor, out->bytes + at, out->length - at);
        if (done < 0 && errno != EINTR) exit(1);
        if (done > 0) at += (size_t)done;
    }
    out->length = 0;
}

// Owns moving lines between a descriptor and memory: buffers that grow, writes that are gathered; knows no JSON.

#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include <stddef.h>

#include "json.h"

typedef struct {
    int descriptor;
    char *bytes;
    size_t begin, end, room, searched;
} input;

typedef struct {
    int descriptor;
    char *bytes;
    size_t length, room;
} output;

// Take the next complete line that is in memory already (without its line feed); return whether there was one.
int line_ready(input *in, span *line);

// Read once more; return whether there was anything before the end.
int line_more(input *in);

// Return the place for `bytes` more, after what is waiting to be written.
char *room_for(output *out, size_t bytes);

// Write all that is waiting; the program ends when nobody reads it.
void flush(output *out);

#endif

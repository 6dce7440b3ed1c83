// Owns what the benchmark's echo is given, the same in every language: a text of lines, or a list of servers.

#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include "json.h"

enum kind { ADD, TEXT, ITEMS };

typedef struct {
    enum kind kind;
    long long size;
    char *text, *decoded;
    size_t request_room;
} payload;

// `work` is "add", "text" or "items" with its quotes, as it stands in the task.
payload payload_of(span work, long long size);
void payload_free(payload *load);

// Write the value of call `number` as JSON, and return the place after it. Every second one begins differently.
char *payload_write(const payload *load, long long number, char *to);

// Return whether this JSON is the value of call `number`.
int payload_is(payload *load, long long number, span json);

#endif

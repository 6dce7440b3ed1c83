// Owns reading and writing JSON without keeping a tree: spans of the input, checked against the whole grammar; knows no message.

#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <stddef.h>

typedef struct {
    const char *at;
    size_t length;
} span;

// Called for each member with the place where its value begins; returns the place after the value, NULL when it is not JSON.
typedef const char *(*json_visit)(void *context, span key, const char *at, const char *end);

// Return the place after the value that begins at `at`, NULL when it is not JSON, not UTF-8 or deeper than 64.
const char *json_value(const char *at, const char *end, int depth);

// The same for an object or array whose values `visit` reads; the key of an array's value is empty.
const char *json_inside(const char *at, const char *end, json_visit visit, void *context);

// Return whether `text` is this word.
int json_is(span text, const char *word);

// Read an integer of at most 15 digits; return whether it is one.
int json_integer(span text, long long *number);

// Write the text of a JSON string (with its quotes) as the bytes it stands for; return their number, or -1.
long json_unescape(span string, char *to);

// Write bytes as a JSON string with its quotes; `to` has room for six times as much and two more. Return the place after it.
char *json_escape(span bytes, char *to);

#endif

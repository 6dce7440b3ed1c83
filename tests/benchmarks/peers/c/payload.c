// Owns making, writing and comparing what the echo is given; knows nothing of calls.

#include "payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_CHARACTERS 80
#define ITEM_BYTES 160
#define FIRST(number) ((number) % 2 ? 'B' : 'A')

payload payload_of(span work, long long size) {
    payload load = {.kind = json_is(work, "\"add\"") ? ADD : json_is(work, "\"text\"") ? TEXT : ITEMS, .size = size};
    if (load.kind == TEXT) {
        load.text = malloc((size_t)size + 1);
        load.decoded = malloc((size_t)size * 6 + 2);
        for (long long i = 0; i < size; i++)
            load.text[i] = i % LINE_CHARACTERS == LINE_CHARACTERS - 1
                               ? '\n'
                               : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[i * 7 % 64];
        load.request_room = (size_t)size * 6 + 2;
    } else if (load.kind == ITEMS) {
        load.request_room = (size_t)size * ITEM_BYTES + 2;
    }
    return load;
}

void payload_free(payload *load) {
    free(load->text);
    free(load->decoded);
}

char *payload_write(const payload *load, long long number, char *to) {
    if (load->kind == TEXT) {
        load->text[0] = FIRST(number);
        return json_escape((span){load->text, (size_t)load->size}, to);
    }
    *to++ = '[';
    for (long long i = 0; i < load->size; i++)
        to += sprintf(to, "%s{\"id\":%lld,\"name\":\"server-%lld\",\"region\":\"%c\",\"memory\":%lld,\"running\":%s}", i ? "," : "",
                      i, i, FIRST(number), i % 64, i % 2 ? "false" : "true");
    *to++ = ']';
    return to;
}

typedef struct {
    long long count, members;
    char first;
    int right;
} items;

static const char *item_member(void *context, span key, const char *at, const char *end) {
    items *seen = context;
    const char *after = json_value(at, end, 3);
    if (!after) return NULL;
    span value = {at, (size_t)(after - at)};
    char name[48];
    long long number, i = seen->count;
    seen->members++;
    if (json_is(key, "id")) {
        seen->right &= json_integer(value, &number) && number == i;
    } else if (json_is(key, "memory")) {
        seen->right &= json_integer(value, &number) && number == i % 64;
    } else if (json_is(key, "running")) {
        seen->right &= json_is(value, i % 2 ? "false" : "true");
    } else if (json_is(key, "region")) {
        seen->right &= value.length == 3 && value.at[1] == seen->first;
    } else if (json_is(key, "name")) {
        sprintf(name, "\"server-%lld\"", i);
        seen->right &= json_is(value, name);
    } else {
        seen->right = 0;
    }
    return after;
}

static const char *item(void *context, span key, const char *at, const char *end) {
    items *seen = context;
    (void)key;
    seen->members = 0;
    at = json_inside(at, end, item_member, seen);
    seen->right &= seen->members == 5;
    seen->count++;
    return at;
}

int payload_is(payload *load, long long number, span json) {
    if (load->kind == TEXT) {
        load->text[0] = FIRST(number);
        return json_unescape(json, load->decoded) == load->size && !memcmp(load->decoded, load->text, (size_t)load->size);
    }
    items seen = {.first = FIRST(number), .right = 1};
    return json_inside(json.at, json.at + json.length, item, &seen) && seen.right && seen.count == load->size;
}

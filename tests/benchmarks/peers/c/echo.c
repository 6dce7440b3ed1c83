// Owns the smallest honest module: it checks each line against the whole JSON grammar, then adds or hands the value back.
//
// Usage: echo [NAME [FUNCTIONS]]. With FUNCTIONS it declares so many more, each with the schemas of `add`.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lines.h"

#include "disturb.h"

#define ADD_SCHEMAS                                                                                                           \
    "\"params\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}},"                 \
    "\"required\":[\"a\",\"b\"],\"additionalProperties\":false},\"returns\":{\"type\":\"integer\"},"                           \
    "\"hints\":{\"read_only\":true,\"idempotent\":true}}"
#define FUNCTIONS                                                                                                             \
    "{\"name\":\"echo\",\"params\":{\"type\":\"object\",\"properties\":{\"value\":{}},"                                          \
    "\"required\":[\"value\"],\"additionalProperties\":false},\"returns\":{},"                                                \
    "\"hints\":{\"read_only\":true,\"idempotent\":true}},"                                                                    \
    "{\"name\":\"disturb\",\"params\":{\"type\":\"object\",\"properties\":{\"how\":{\"type\":\"string\","                         \
    "\"enum\":[\"log\",\"stderr\",\"stall\",\"spin\"]},\"milliseconds\":{\"type\":\"integer\"}},"                               \
    "\"required\":[\"how\",\"milliseconds\"],\"additionalProperties\":false},\"returns\":{\"type\":\"integer\"}},"              \
    "{\"name\":\"add\"," ADD_SCHEMAS
// Beside the value: {"jsonrpc":"2.0","id":...,"result":...} or an error.
#define FRAME_BYTES 512
#define MAX_FUNCTIONS 4000

static char info[FRAME_BYTES];
static char *capabilities;

static void declare(const char *name, int more) {
    snprintf(info, sizeof info,
             "{\"name\":\"%s\",\"version\":\"1.0.0\",\"license\":\"Apache-2.0\",\"authors\":[\"The hub authors\"],"
             "\"protocol_version\":1,\"features\":[\"cancel\",\"concurrent\",\"context\",\"host_services\"]}",
             name);
    capabilities = malloc((size_t)(more + 4) * FRAME_BYTES);
    if (!capabilities) exit(1);
    char *to = capabilities + sprintf(capabilities, "{\"functions\":[");
    for (int i = 0; i < more; i++) to += sprintf(to, "{\"name\":\"add_%d\"," ADD_SCHEMAS ",", i);
    sprintf(to, FUNCTIONS "]}");
}

typedef struct {
    span id, method, a, b, value, how, milliseconds;
} request;

static const char *param(void *context, span key, const char *at, const char *end) {
    request *found = context;
    const char *after = json_value(at, end, 2);
    if (!after) return NULL;
    span value = {at, (size_t)(after - at)};
    if (json_is(key, "a")) found->a = value;
    else if (json_is(key, "b")) found->b = value;
    else if (json_is(key, "value")) found->value = value;
    else if (json_is(key, "how")) found->how = value;
    else if (json_is(key, "milliseconds")) found->milliseconds = value;
    return after;
}

static const char *member(void *context, span key, const char *at, const char *end) {
    request *found = context;
    if (json_is(key, "params")) return json_inside(at, end, param, found);
    const char *after = json_value(at, end, 1);
    if (!after) return NULL;
    span value = {at, (size_t)(after - at)};
    if (json_is(key, "id")) found->id = value;
    else if (json_is(key, "method")) found->method = value;
    return after;
}

static void answer(output *out, span id, const char *member_name, span value) {
    char *to = room_for(out, FRAME_BYTES + id.length + value.length);
    char *begun = to;
    to += sprintf(to, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"%s\":", (int)id.length, id.at, member_name);
    memcpy(to, value.at, value.length);
    to += value.length;
    *to++ = '}';
    *to++ = '\n';
    out->length += (size_t)(to - begun);
}

static span text(const char *of) { return (span){of, strlen(of)}; }

static void serve(output *out, span line) {
    request found = {0};
    if (!json_inside(line.at, line.at + line.length, member, &found)) {
        answer(out, text("null"), "error", text("{\"code\":-32700,\"message\":\"this is not JSON\"}"));
    } else if (!found.id.length) {
        return;
    } else if (json_is(found.method, "\"add\"")) {
        long long a, b;
        char sum[32];
        if (!json_integer(found.a, &a) || !json_integer(found.b, &b)) {
            answer(out, found.id, "error", text("{\"code\":-32602,\"message\":\"a and b must be integers\"}"));
        } else {
            sprintf(sum, "%lld", a + b);
            answer(out, found.id, "result", text(sum));
        }
    } else if (json_is(found.method, "\"echo\"") && found.value.length) {
        answer(out, found.id, "result", found.value);
    } else if (json_is(found.method, "\"disturb\"")) {
        long long milliseconds;
        char done[32];
        flush(out);
        if (!json_integer(found.milliseconds, &milliseconds)) milliseconds = 0;
        sprintf(done, "%lld", disturb(found.how, milliseconds));
        answer(out, found.id, "result", text(done));
    } else if (json_is(found.method, "\"module_info\"")) {
        answer(out, found.id, "result", text(info));
    } else if (json_is(found.method, "\"capabilities\"")) {
        answer(out, found.id, "result", text(capabilities));
    } else if (json_is(found.method, "\"module_init\"") || json_is(found.method, "\"ping\"") ||
               json_is(found.method, "\"module_cleanup\"")) {
        answer(out, found.id, "result", text("{}"));
    } else {
        answer(out, found.id, "error", text("{\"code\":-32601,\"message\":\"there is no such method\"}"));
    }
}

int main(int count, char **words) {
    int more = count > 2 ? atoi(words[2]) : 0;
    if (more < 0 || more > MAX_FUNCTIONS) return 78;
    declare(count > 1 ? words[1] : "echo-c", more);
    input in = {.descriptor = 0};
    output out = {.descriptor = 1};
    span line;
    while (line_more(&in)) {
        while (line_ready(&in, &line)) serve(&out, line);
        flush(&out);
    }
    return 0;
}

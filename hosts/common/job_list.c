/*
 * The jobs of a call from their start until their last event is sent.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/job_list.h"

#include <stdlib.h>
#include <string.h>

int job_run_init(struct job_run *run, enum job job, earwig_channel *call, const char *text, int foreground)
{
	run->job = job;
	run->foreground = foreground;
	run->text = text ? strdup(text) : NULL;
	if (text && !run->text) {
		return -1;
	}
	run->call = earwig_channel_ref(call);
	return 0;
}

void job_run_clear(struct job_run *run)
{
	earwig_channel_unref(run->call);
	free(run->text);
}

static void unlink_run(struct job_list *list, struct job_run *run)
{
	struct job_run **at;

	for (at = &list->running[run->job]; *at; at = &(*at)->next) {
		if (*at == run) {
			*at = run->next;
			return;
		}
	}
}

void job_list_add(struct job_list *list, struct job_run *run)
{
	struct job_run **at;

	run->number = ++list->started[run->job];
	list->unfinished++;
	for (at = &list->running[run->job]; *at; at = &(*at)->next) {
	}
	*at = run;
}

void job_list_cancel(struct job_list *list, struct job_run *run)
{
	list->started[run->job]--;
	list->unfinished--;
	unlink_run(list, run);
}

struct job_run *job_list_end(struct job_list *list, earwig_channel *call, const earwig_event *event,
	const union job_result *result)
{
	const enum job job = job_of_event(event);
	struct job_run *run = list->running[job];

	if (run) {
		list->running[job] = run->next;
		run->result = *result;
		run->ended = 1;
		if (job == JOB_MACHINE && result->machine.verdict == EARWIG_MACHINE_VERDICT_ERROR) {
			earwig_channel_get_error(call, run->error, sizeof(run->error));
		}
	}
	return run;
}

int job_list_is_latest(const struct job_list *list, const struct job_run *run)
{
	return run->number == list->started[run->job];
}

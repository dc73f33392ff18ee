/*
 * The thread that sends events: the library's own threads must not wait for FreeSWITCH.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

#define TASKS_MAX 100000

struct task {
	void (*run)(void *data);
	void *data;
};

static switch_queue_t *tasks;
static switch_thread_t *thread;

static void *SWITCH_THREAD_FUNC run_tasks(switch_thread_t *self, void *nothing)
{
	void *popped;

	/* Named like the library's threads, so that an operator sees whose it is. */
	pthread_setname_np(pthread_self(), "earwig-module");
	while (switch_queue_pop(tasks, &popped) == SWITCH_STATUS_SUCCESS && popped) {
		struct task *task = popped;

		task->run(task->data);
		free(task);
	}
	return NULL;
}

int event_thread_start(switch_memory_pool_t *pool)
{
	switch_threadattr_t *attributes;

	if (switch_queue_create(&tasks, TASKS_MAX, pool) != SWITCH_STATUS_SUCCESS) {
		return -1;
	}
	switch_threadattr_create(&attributes, pool);
	switch_threadattr_stacksize_set(attributes, SWITCH_THREAD_STACKSIZE);
	return switch_thread_create(&thread, attributes, run_tasks, NULL, pool) == SWITCH_STATUS_SUCCESS ? 0 : -1;
}

void event_thread_stop(void)
{
	switch_status_t status;

	if (thread) {
		switch_queue_push(tasks, NULL);
		switch_thread_join(&status, thread);
		thread = NULL;
	}
}

void event_thread_push(void (*run)(void *data), void *data)
{
	struct task *task;

	switch_zmalloc(task, sizeof(*task));
	task->run = run;
	task->data = data;
	switch_queue_push(tasks, task);
}

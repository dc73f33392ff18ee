/*
 * Tells of jobs: it outlives their channels, and may wait where the library's threads must not.
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
static switch_thread_t *teller;

static void *SWITCH_THREAD_FUNC tell(switch_thread_t *thread, void *nothing)
{
	void *popped;

	/* As the library's own: whose it is can be seen. */
	pthread_setname_np(pthread_self(), "earwig-teller");
	while (switch_queue_pop(tasks, &popped) == SWITCH_STATUS_SUCCESS && popped) {
		struct task *task = popped;

		task->run(task->data);
		free(task);
	}
	return NULL;
}

int teller_open(switch_memory_pool_t *pool)
{
	switch_threadattr_t *attributes;

	if (switch_queue_create(&tasks, TASKS_MAX, pool) != SWITCH_STATUS_SUCCESS) {
		return -1;
	}
	switch_threadattr_create(&attributes, pool);
	switch_threadattr_stacksize_set(attributes, SWITCH_THREAD_STACKSIZE);
	return switch_thread_create(&teller, attributes, tell, NULL, pool) == SWITCH_STATUS_SUCCESS ? 0 : -1;
}

void teller_close(void)
{
	switch_status_t status;

	if (teller) {
		switch_queue_push(tasks, NULL);
		switch_thread_join(&status, teller);
		teller = NULL;
	}
}

void teller_let(void (*run)(void *data), void *data)
{
	struct task *task;

	switch_zmalloc(task, sizeof(*task));
	task->run = run;
	task->data = data;
	switch_queue_push(tasks, task);
}

/*
 * The manager actions. They are documented in app_earwig-en_US.xml.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/manager.h"

static int answer(struct mansession *session, const struct message *message, int wrong, const char *error, char *done)
{
	if (wrong) {
		astman_send_error_va(session, message, "%s", error);
	} else {
		astman_send_ack(session, message, done);
	}
	return 0;
}

static int start(struct mansession *session, const struct message *message)
{
	const struct request request = {
		.channel = astman_get_header(message, "Channel"),
		.job = astman_get_header(message, "Job"),
		.file = astman_get_header(message, "File"),
		.variable = astman_get_header(message, "Variable"),
		.options = astman_get_header(message, "Options"),
	};
	char error[256] = "";
	int wrong = control_start(&request, error, sizeof(error));

	return answer(session, message, wrong, error, "Started");
}

static int stop(struct mansession *session, const struct message *message)
{
	char error[256] = "";
	int wrong = control_stop(astman_get_header(message, "Channel"), astman_get_header(message, "Job"), error, sizeof(error));

	return answer(session, message, wrong, error, "Stopped");
}

static int change(struct mansession *session, const struct message *message, earwig_status (*how)(earwig_channel *call))
{
	char error[256] = "";
	int wrong = control_apply(astman_get_header(message, "Channel"), how, error, sizeof(error));

	return answer(session, message, wrong, error, "Done");
}

static int record_pause(struct mansession *session, const struct message *message)
{
	return change(session, message, earwig_recorder_pause);
}

static int record_resume(struct mansession *session, const struct message *message)
{
	return change(session, message, earwig_recorder_resume);
}

static int record_mask(struct mansession *session, const struct message *message)
{
	return change(session, message, earwig_recorder_mask);
}

static int record_unmask(struct mansession *session, const struct message *message)
{
	return change(session, message, earwig_recorder_unmask);
}

static int clear_digits(struct mansession *session, const struct message *message)
{
	return change(session, message, earwig_dtmf_clear);
}

static void begin_success(struct mansession *session, const struct message *message)
{
	const char *id = astman_get_header(message, "ActionID");

	astman_append(session, "Response: Success\r\n");
	if (!ast_strlen_zero(id)) {
		astman_append(session, "ActionID: %s\r\n", id);
	}
}

static int status_of_all(struct mansession *session, const struct message *message)
{
	earwig_engine_stats stats = { .struct_size = sizeof(stats) };

	earwig_engine_get_stats(module_engine, &stats);
	begin_success(session, message);
	astman_append(session, "Version: %s\r\nAbi: %u\r\nWorkers: %d\r\nChannels: %d\r\nLiveHandles: %llu\r\n", earwig_version(),
		earwig_abi_version(), stats.workers, stats.channels, (unsigned long long) earwig_live_handles());
	astman_append(session, "Samples: %llu\r\nOverruns: %llu\r\n", (unsigned long long) stats.samples,
		(unsigned long long) stats.overruns);
	astman_append(session, "PostsSent: %llu\r\nPostsFailed: %llu\r\nPostsDropped: %llu\r\n\r\n",
		(unsigned long long) stats.posts_sent, (unsigned long long) stats.posts_failed,
		(unsigned long long) stats.posts_dropped);
	return 0;
}

static int status(struct mansession *session, const struct message *message)
{
	const char *channel = astman_get_header(message, "Channel");
	struct control_status found;
	char error[256] = "";

	if (ast_strlen_zero(channel)) {
		return status_of_all(session, message);
	}
	if (control_status(channel, &found, error, sizeof(error))) {
		return answer(session, message, -1, error, NULL);
	}
	begin_success(session, message);
	astman_append(session, "Channel: %s\r\nFile: %s\r\nStatus: %s\r\n\r\n", channel, found.file, found.json);
	return 0;
}

/* Who may do it: as with MixMonitor, to write files takes more than to handle a call. */
static const struct {
	const char *name;
	int authority;
	int (*function)(struct mansession *session, const struct message *message);
} actions[] = {
	{ "EarwigStart", EVENT_FLAG_SYSTEM, start },
	{ "EarwigStop", EVENT_FLAG_SYSTEM | EVENT_FLAG_CALL, stop },
	{ "EarwigStatus", EVENT_FLAG_SYSTEM | EVENT_FLAG_CALL | EVENT_FLAG_REPORTING, status },
	{ "EarwigClearDigits", EVENT_FLAG_SYSTEM | EVENT_FLAG_CALL, clear_digits },
	{ "EarwigRecordPause", EVENT_FLAG_SYSTEM | EVENT_FLAG_CALL, record_pause },
	{ "EarwigRecordResume", EVENT_FLAG_SYSTEM | EVENT_FLAG_CALL, record_resume },
	{ "EarwigRecordMask", EVENT_FLAG_SYSTEM | EVENT_FLAG_CALL, record_mask },
	{ "EarwigRecordUnmask", EVENT_FLAG_SYSTEM | EVENT_FLAG_CALL, record_unmask },
};

int manager_open(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(actions); i++) {
		failed |= ast_manager_register_xml(actions[i].name, actions[i].authority, actions[i].function);
	}
	return failed;
}

void manager_close(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(actions); i++) {
		ast_manager_unregister(actions[i].name);
	}
}

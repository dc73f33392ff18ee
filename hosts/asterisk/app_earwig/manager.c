/*
 * The manager actions. app_earwig-en_US.xml documents them.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/manager.h"
#include "asterisk/strings.h"

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
	const struct start_request request = {
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

static int apply(struct mansession *session, const struct message *message, channel_action action)
{
	char error[256] = "";
	int wrong = control_apply(astman_get_header(message, "Channel"), action, error, sizeof(error));

	return answer(session, message, wrong, error, "Done");
}

static int record_pause(struct mansession *session, const struct message *message)
{
	return apply(session, message, earwig_recorder_pause);
}

static int record_resume(struct mansession *session, const struct message *message)
{
	return apply(session, message, earwig_recorder_resume);
}

static int record_mask(struct mansession *session, const struct message *message)
{
	return apply(session, message, earwig_recorder_mask);
}

static int record_unmask(struct mansession *session, const struct message *message)
{
	return apply(session, message, earwig_recorder_unmask);
}

static int clear_digits(struct mansession *session, const struct message *message)
{
	return apply(session, message, earwig_dtmf_clear);
}

static void begin_success(struct mansession *session, const struct message *message)
{
	const char *id = astman_get_header(message, "ActionID");

	astman_append(session, "Response: Success\r\n");
	if (!ast_strlen_zero(id)) {
		astman_append(session, "ActionID: %s\r\n", id);
	}
}

static int engine_status(struct mansession *session, const struct message *message)
{
	struct ast_str *text = ast_str_create(256);

	if (!text) {
		return answer(session, message, -1, "out of memory", NULL);
	}
	engine_counters_foreach(module_engine, add_header, &text);
	begin_success(session, message);
	astman_append(session, "%s\r\n", ast_str_buffer(text));
	ast_free(text);
	return 0;
}

static int status(struct mansession *session, const struct message *message)
{
	const char *channel = astman_get_header(message, "Channel");
	struct channel_status found;
	char error[256] = "";

	if (ast_strlen_zero(channel)) {
		return engine_status(session, message);
	}
	if (control_status(channel, &found, error, sizeof(error))) {
		return answer(session, message, -1, error, NULL);
	}
	begin_success(session, message);
	astman_append(session, "Channel: %s\r\nFile: %s\r\nStatus: %s\r\n\r\n", channel, found.file, found.json);
	return 0;
}

/* Classes: as with MixMonitor, writing files takes more rights than handling a call. */
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

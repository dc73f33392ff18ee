/*
 * What webhooks call a call.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/paths.h"
#include "asterisk/pbx.h"

int call_ids_set(const struct app_session *session, char *error, size_t size)
{
	SCOPED_CHANNELLOCK(lock, session->chan);
	char host[256] = "", text[256] = "", channel[AST_CHANNEL_NAME + sizeof("asterisk:")];
	const struct {
		const char *name;
		const char *value;
	} ids[] = {
		{ "call_id", ast_channel_uniqueid(session->chan) },
		{ "segment_id", ast_channel_linkedid(session->chan) },
		{ "node_id", S_OR(ast_config_AST_SYSTEM_NAME, host) },
		{ "event_channel", channel },
		{ "project_id", pbx_builtin_getvar_helper(session->chan, "EARWIG_PROJECT_ID") },
		{ "space_id", pbx_builtin_getvar_helper(session->chan, "EARWIG_SPACE_ID") },
		{ "control_id", pbx_builtin_getvar_helper(session->chan, "EARWIG_CONTROL_ID") },
	};
	earwig_status status = EARWIG_OK;
	size_t i;

	gethostname(host, sizeof(host) - 1);
	snprintf(channel, sizeof(channel), "asterisk:%s", ast_channel_name(session->chan));
	for (i = 0; i < ARRAY_LEN(ids) && !status; i++) {
		/* Of one that is not set, the empty text takes back what an earlier detection has set. */
		status = earwig_channel_set_id(session->call, ids[i].name, S_OR(ids[i].value, ""));
	}
	if (status && status != EARWIG_ERR_HANGUP) {
		ast_copy_string(error, call_error(session, status, text, sizeof(text)), size);
		return -1;
	}
	return 0;
}

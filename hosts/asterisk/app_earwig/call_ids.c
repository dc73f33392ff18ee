/*
 * The ids by which webhooks name a call.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/paths.h"
#include "asterisk/pbx.h"

int set_call_ids(const struct app_session *session, char *error, size_t size)
{
	SCOPED_CHANNELLOCK(lock, session->chan);
	char host[256] = "", channel[AST_CHANNEL_NAME + sizeof("asterisk:")];
	const struct call_ids ids = {
		.call_id = ast_channel_uniqueid(session->chan),
		.segment_id = ast_channel_linkedid(session->chan),
		.node_id = S_OR(ast_config_AST_SYSTEM_NAME, host),
		.event_channel = channel,
		.project_id = pbx_builtin_getvar_helper(session->chan, "EARWIG_PROJECT_ID"),
		.space_id = pbx_builtin_getvar_helper(session->chan, "EARWIG_SPACE_ID"),
		.control_id = pbx_builtin_getvar_helper(session->chan, "EARWIG_CONTROL_ID"),
	};

	gethostname(host, sizeof(host) - 1);
	snprintf(channel, sizeof(channel), "asterisk:%s", ast_channel_name(session->chan));
	return call_ids_apply(session->call, &ids, error, size);
}

/*
 * Listening from a channel's start, by the setting `listen`.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 *
 * Asterisk has no hook for new channels, but publishes a snapshot of each. It arrives on a thread of the subscription within
 * milliseconds, so that neither the channel's thread nor its media waits.
 */

#include "app_earwig.h"

#include "asterisk/stasis.h"
#include "asterisk/stasis_channels.h"

static struct stasis_subscription *subscription;

static int is_wanted(const struct ast_channel_snapshot_base *channel)
{
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);

	/* Internal channels, such as a bridge's announcer, have no far party. */
	return settings && !(channel->tech_properties & AST_CHAN_TP_INTERNAL) && settings_listen_to(settings, channel->name);
}

static void on_snapshot(void *data, struct stasis_subscription *self, struct stasis_message *message)
{
	const struct ast_channel_snapshot_update *update;
	struct ast_channel *chan;
	char error[128];

	if (stasis_message_type(message) != ast_channel_snapshot_type()) {
		return;
	}
	update = stasis_message_data(message);
	if (update->old_snapshot || !is_wanted(update->new_snapshot->base)) {
		return;
	}
	chan = ast_channel_get_by_uniqueid(update->new_snapshot->base->uniqueid);
	if (chan) {
		if (channel_state_listen(chan, "", error, sizeof(error))) {
			ast_debug(1, "%s: %s\n", ast_channel_name(chan), error);
		}
		ast_channel_unref(chan);
	}
}

int listen_open(void)
{
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);

	if (subscription || !settings || !settings->listen) {
		return 0;
	}
	subscription = stasis_subscribe(ast_channel_topic_all(), on_snapshot, NULL);
	if (!subscription) {
		return -1;
	}
	stasis_subscription_accept_message_type(subscription, ast_channel_snapshot_type());
	stasis_subscription_set_filter(subscription, STASIS_SUBSCRIPTION_FILTER_SELECTIVE);
	return 0;
}

void listen_close(void)
{
	subscription = stasis_unsubscribe_and_join(subscription);
}

/* status_url: events posted to a server on this machine. */
#include "machine.h"
#include "wipe.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { POSTS_MAX = 8, POST_SIZE = 2048 };

/* Accepts one post after another, answers 204 and closes. */
struct server {
    int listener, count;
    pthread_t thread;
    char url[64];
    char posts[POSTS_MAX][POST_SIZE];
};

/* Reads the head, and the body of the length that the head states. */
static void read_post(int fd, char *text)
{
    size_t length = 0;
    text[0] = '\0';
    while (length + 1 < POST_SIZE) {
        const char *body = strstr(text, "\r\n\r\n"), *said = strstr(text, "ontent-");
        ssize_t got;
        while (said && said[8] != 'e' && said[7] != 'l' && said[7] != 'L')
            said = strstr(said + 1, "ontent-");
        if (body && said && strlen(body + 4) >= (size_t)atoi(strchr(said, ':') + 1))
            return;
        got = recv(fd, text + length, POST_SIZE - 1 - length, 0);
        if (got <= 0)
            return;
        length += (size_t)got;
        text[length] = '\0';
    }
}

static void *serve(void *user)
{
    static const char ANSWER[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    struct server *server = user;
    int fd;

    while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
        int count = server->count;
        if (count < POSTS_MAX) {
            read_post(fd, server->posts[count]);
            __atomic_store_n(&server->count, count + 1, __ATOMIC_RELEASE);
        }
        CHECK_INT(send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL), sizeof ANSWER - 1);
        close(fd);
    }
    return NULL;
}

static void server_open(struct server *server)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    memset(server, 0, sizeof *server);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(server->listener >= 0);
    CHECK_INT(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_INT(listen(server->listener, 16), 0);
    CHECK_INT(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    sprintf(server->url, "http://127.0.0.1:%d/detect-events?a=1,2", ntohs(address.sin_port));
    CHECK_INT(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_close(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

static int has(const char *post, const char *part)
{
    if (strstr(post, part))
        return 1;
    printf("there is no %s in\n%s\n", part, post);
    return 0;
}

/* Posts are sent on a thread of their own: waits until there are enough. */
static void await_posts(struct server *server, int count)
{
    long long until = now_ms() + LONG_MS;
    while (__atomic_load_n(&server->count, __ATOMIC_ACQUIRE) < count && now_ms() < until)
        sleep_ms(1);
    CHECK_INT(__atomic_load_n(&server->count, __ATOMIC_ACQUIRE), count);
}

TEST(status_url_receives_each_event_in_order_with_the_calls_ids)
{
    static struct server server;
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_engine_stats stats;
    int i;

    server_open(&server);
    OK(earwig_channel_set_id(call.channel, "call_id", "call \"1\""));
    OK(earwig_channel_set_id(call.channel, "event_channel", "swml:be38"));
    OK(earwig_channel_set_id(call.channel, "control_id", "control-1"));
    options.detect_message_end = 1;
    strcpy(options.status_url, server.url);
    strcpy(options.status_secret, "hunter2");
    machine_start(call.channel, &options);
    play_speech(call.channel, 2000);
    play_silence(call.channel, 1500);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    await_posts(&server, 4);
    /* A beep after the end is an event, but no post: `finished` is the last one. */
    CHECK_TEXT(machine_events(call.channel), "MACHINE NOT_READY READY");
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    CHECK_TEXT(machine_events(call.channel), "late-beep");
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    for (i = 0; i < LONG_MS && stats.posts_sent < 4; i++) {
        OK(earwig_engine_get_stats(call.engine, &stats));
        sleep_ms(1);
    }
    CHECK_INT(stats.posts_sent, 4);
    CHECK_INT(stats.posts_failed, 0);
    CHECK_INT(stats.posts_dropped, 0);
    call_close(&call);
    server_close(&server);
    CHECK_INT(server.count, 4);
    for (i = 0; i < 4; i++) {
        CHECK(strncmp(server.posts[i], "POST /detect-events?a=1,2 HTTP/1.1\r\n", 36) == 0);
        CHECK(has(server.posts[i], "\"event_type\":\"calling.call.detect\""));
        CHECK(has(server.posts[i], "\"event_channel\":\"swml:be38\""));
        CHECK(has(server.posts[i], "\"call_id\":\"call \\\"1\\\"\""));
        CHECK(has(server.posts[i], "\"control_id\":\"control-1\""));
        CHECK(has(server.posts[i], "\"type\":\"machine\""));
        CHECK(!strstr(server.posts[i], "hunter2"));
        CHECK(!strstr(server.posts[i], "\"beep\""));
    }
    CHECK(has(server.posts[0], "\"event\":\"MACHINE\""));
    CHECK(has(server.posts[1], "\"event\":\"NOT_READY\""));
    CHECK(has(server.posts[2], "\"event\":\"READY\""));
    CHECK(has(server.posts[3], "\"event\":\"finished\""));
}

TEST(status_url_receives_the_end_after_a_hang_up_and_after_the_last_reference)
{
    static struct server server;
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    server_open(&server);
    strcpy(options.status_url, server.url);
    machine_start(call.channel, &options);
    play_speech(call.channel, 500);
    OK(earwig_channel_hangup(call.channel));
    await_posts(&server, 2);
    CHECK(has(server.posts[0], "\"event\":\"UNKNOWN\""));
    CHECK(has(server.posts[1], "\"event\":\"finished\""));
    OK(earwig_channel_answer(call.channel));
    machine_start(call.channel, &options);
    call_close(&call);
    server_close(&server);
    CHECK(has(server.posts[server.count - 1], "\"event\":\"finished\""));
}

TEST(a_detection_works_without_its_server)
{
    static struct server server;
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;

    /* The port is closed. */
    server_open(&server);
    strcpy(options.status_url, server.url);
    server_close(&server);
    machine_start(call.channel, &options);
    play_human(call.channel);
    result = machine_result(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_TEXT(machine_events(call.channel), "HUMAN");
    call_close(&call);
    CHECK_INT(server.count, 0);
}

TEST(a_status_secret_is_nowhere_in_memory_after_its_detection)
{
    static const char *const FRAMES[][2] = {
        {"status_secret=", ""}, {"{\"status_secret\":\"", "\"}"}, {"{\"detect_machine\":{\"status_secret\":\"", "\"}}"}};
    struct call call;
    earwig_machine_options options;
    char text[128];
    size_t i;

    if (!can_search_memory())
        return;
    call = call_answered();
    for (i = 0; i < sizeof FRAMES / sizeof *FRAMES; i++) {
        options = machine_options();
        strcpy(text, FRAMES[i][0]);
        strcpy(write_key_digits(text + strlen(text)), FRAMES[i][1]);
        /* The control: the search finds it while the detection runs. */
        CHECK(key_occurrences() > 0);
        OK(earwig_machine_options_parse(text, &options, NULL, 0));
        wipe_bytes(text, sizeof text);
        wipe_bytes(options.status_secret, sizeof options.status_secret);
        CHECK_INT(key_occurrences(), 0);
    }
    strcpy(options.status_url, "http://127.0.0.1:9/");
    write_key_digits(options.status_secret);
    machine_start(call.channel, &options);
    wipe_bytes(options.status_secret, sizeof options.status_secret);
    CHECK(key_occurrences() > 0);
    OK(earwig_machine_stop(call.channel, LONG_MS));
    call_close(&call);
    CHECK_INT(key_occurrences(), 0);
}

/* A host in one file: it feeds a recorded call to earwig as a media bug would, 20 ms at a time, collects digits, and records
 * the call if a file is given. Or it detects who has answered: a person, a machine or a fax.
 *
 *     host FILE.wav [OPTIONS [RECORDING [OPTIONS]]]
 *     host examples/calls/pin-count.wav count=4,seconds_predigits_timeout=10 pin.wav file_format=ulaw,barge_in=yes
 *     host --machine FILE.wav [OPTIONS]
 *     host --machine examples/calls/voicemail.wav detect_message_end=true
 *
 * FILE is mono, 8 or 16 kHz, 16-bit PCM or G.711 u-law. OPTIONS are those of earwig_dtmf_options_parse, of
 * earwig_recorder_options_parse and of earwig_machine_options_parse. */
#include <earwig.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FRAMES_PER_SECOND 50 /* 20 ms each */
#define FRAME_MAX (16000 / FRAMES_PER_SECOND)

struct wav {
    FILE *file;
    uint32_t left; /* bytes of audio not yet read */
    int rate_hz;
    int is_ulaw;
};

static unsigned le(const unsigned char *bytes, int count)
{
    unsigned value = 0;
    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

/* Reads the chunks up to the audio. Returns 0, or -1 if the format is not supported. */
static int wav_open(struct wav *wav, const char *path)
{
    unsigned char head[12], format[16] = {0};
    wav->file = fopen(path, "rb");
    if (!wav->file || fread(head, 1, 12, wav->file) != 12 || memcmp(head, "RIFF", 4) || memcmp(head + 8, "WAVE", 4))
        return -1;
    while (fread(head, 1, 8, wav->file) == 8) {
        uint32_t size = le(head + 4, 4), used = 0;
        if (!memcmp(head, "data", 4)) {
            wav->left = size;
            wav->rate_hz = (int)le(format + 4, 4);
            wav->is_ulaw = le(format, 2) == 7;
            return (wav->is_ulaw || (le(format, 2) == 1 && le(format + 14, 2) == 16)) && le(format + 2, 2) == 1 &&
                           (wav->rate_hz == 8000 || wav->rate_hz == 16000) ? 0 : -1;
        }
        if (!memcmp(head, "fmt ", 4))
            used = (uint32_t)fread(format, 1, size < 16 ? size : 16, wav->file);
        if (fseek(wav->file, (long)(size - used + size % 2), SEEK_CUR)) /* chunks begin at even offsets */
            return -1;
    }
    return -1;
}

static int16_t ulaw_decode(unsigned code)
{
    code = ~code & 0xff;
    int magnitude = ((((int)code & 15) * 8 + 132) << (code >> 4 & 7)) - 132;
    return (int16_t)(code & 0x80 ? -magnitude : magnitude);
}

/* Reads one frame. Returns its samples; 0 at the end. */
static size_t wav_read(struct wav *wav, int16_t *samples)
{
    unsigned char bytes[FRAME_MAX * 2];
    size_t width = wav->is_ulaw ? 1 : 2, want = (size_t)wav->rate_hz / FRAMES_PER_SECOND;
    if (want > wav->left / width)
        want = wav->left / width;
    size_t got = fread(bytes, width, want, wav->file);
    for (size_t i = 0; i < got; i++)
        samples[i] = wav->is_ulaw ? ulaw_decode(bytes[i]) : (int16_t)le(bytes + 2 * i, 2);
    wav->left -= (uint32_t)(got * width);
    return got;
}

/* Prints an error. Returns 1 if there is one. */
static int failed(const char *what, earwig_status status)
{
    if (status != EARWIG_OK)
        fprintf(stderr, "%s: %s\n", what, earwig_status_str(status));
    return status != EARWIG_OK;
}

/* Waits until all audio is processed, and prints its events. Returns 0, or 1 after an error. */
static int print_events(earwig_channel *channel)
{
    earwig_event event;
    earwig_status status = earwig_channel_flush(channel, 5000);
    if (failed("earwig_channel_flush", status) || failed("earwig_event_init", earwig_event_init(&event)))
        return 1;
    while ((status = earwig_channel_next_event(channel, &event)) == EARWIG_OK) {
        if (event.type == EARWIG_EVENT_TYPE_DIGIT)
            printf("%8.3f s  digit %c\n", (double)event.start_ms / 1000, (char)event.digit);
        else if (event.type == EARWIG_EVENT_TYPE_DIGIT_END)
            printf("%8.3f s  its end; row %.1f dBm0, column %.1f dBm0\n", (double)event.end_ms / 1000, event.low_dbm0,
                   event.high_dbm0);
        else if (event.type == EARWIG_EVENT_TYPE_DTMF_ENDED)
            printf("%8.3f s  collection ended\n", (double)event.at_ms / 1000);
        else if (event.type == EARWIG_EVENT_TYPE_RECORDER_ENDED)
            printf("%8.3f s  recording ended\n", (double)event.at_ms / 1000);
        else if (event.type == EARWIG_EVENT_TYPE_MACHINE || event.type == EARWIG_EVENT_TYPE_MACHINE_ENDED)
            printf("%8.3f s  %s%s\n", (double)event.at_ms / 1000, earwig_machine_event_str(event.machine_event),
                   event.beep ? ", a beep" : "");
    }
    return status == EARWIG_ERR_AGAIN ? 0 : failed("earwig_channel_next_event", status);
}

/* Starts a recording. Returns 0, or 1 after an error. */
static int start_recording(earwig_channel *channel, const char *path, const char *options_text)
{
    earwig_recorder_options options;
    char error[256];

    earwig_recorder_options_init(&options);
    if (earwig_recorder_options_parse(options_text, &options, error, sizeof error) != EARWIG_OK) {
        fprintf(stderr, "recording: %s\n", error);
        return 1;
    }
    earwig_status status = earwig_recorder_start(channel, path, &options);
    if (status != EARWIG_OK) {
        earwig_channel_get_error(channel, error, sizeof error);
        fprintf(stderr, "recording: %s\n", error);
    }
    return status != EARWIG_OK;
}

/* Waits until the file is complete, and prints its length. Returns 0, or 1 after an error. */
static int finish_recording(earwig_channel *channel)
{
    earwig_recorder_result result;
    earwig_event event;
    earwig_status status;

    earwig_recorder_result_init(&result);
    earwig_event_init(&event);
    /* After a hang-up earwig_recorder_wait returns EARWIG_ERR_HANGUP: the ending is an event. */
    while ((status = earwig_recorder_get_result(channel, &result)) == EARWIG_ERR_AGAIN)
        if (failed("earwig_channel_wait_event", earwig_channel_wait_event(channel, 5000, &event)))
            return 1;
    if (failed("earwig_recorder_get_result", status))
        return 1;
    printf("recorded: %s, %" PRId64 " ms, %" PRId64 " bytes, audio %s\n", earwig_recorder_cause_str(result.cause),
           result.duration_ms, result.bytes, result.audio_detected ? "yes" : "no");
    return 0;
}

/* Writes the whole file and hangs up. Returns 0, or 1 after an error. */
static int feed(earwig_channel *channel, struct wav *wav)
{
    int16_t samples[FRAME_MAX];
    size_t count;

    for (int frame = 1; (count = wav_read(wav, samples)) > 0; frame++) {
        /* A media thread makes this call alone. There EARWIG_ERR_OVERRUN is counted, and the call goes on. */
        if (failed("earwig_channel_write", earwig_channel_write(channel, EARWIG_STREAM_RX, samples, count)))
            return 1;
        /* A live host does this on another thread or in an event loop. This one must not overrun the ring. */
        if (frame % 10 == 0 && print_events(channel))
            return 1;
    }
    return failed("earwig_channel_hangup", earwig_channel_hangup(channel)) || print_events(channel);
}

/* Creates a channel at the rate of the file. Returns NULL after an error. */
static earwig_channel *open_channel(earwig_engine *engine, const struct wav *wav)
{
    earwig_channel_options options;
    earwig_channel *channel = NULL;

    earwig_channel_options_init(&options); /* this and the other _init functions fail for NULL alone */
    options.rx_rate_hz = wav->rate_hz;
    options.stall_ms = 0; /* only audio advances the time, so a file is processed as fast as it is read */
    failed("earwig_channel_create", earwig_channel_create(engine, &options, &channel));
    return channel;
}

/* Detects who has answered. Returns 0, or 1 after an error. */
static int run_detection(earwig_engine *engine, struct wav *wav, const char *options_text)
{
    earwig_machine_options options;
    earwig_machine_result result;
    earwig_channel *channel;
    char error[256];
    int failure = 1;

    earwig_machine_options_init(&options);
    earwig_machine_result_init(&result);
    if (earwig_machine_options_parse(options_text, &options, error, sizeof error) != EARWIG_OK) {
        fprintf(stderr, "options: %s\n", error);
        return 1;
    }
    if (!(channel = open_channel(engine, wav)))
        return 1;
    if (!failed("earwig_channel_answer", earwig_channel_answer(channel)) &&
        !failed("earwig_machine_start", earwig_machine_start(channel, &options)) && !feed(channel, wav) &&
        !failed("earwig_machine_wait", earwig_machine_wait(channel, 5000, &result))) {
        printf("%s (%s) after %" PRId64 " ms", earwig_machine_verdict_str(result.verdict), result.cause_text,
               result.detect_ms);
        if (result.beep)
            printf(", beep of %.0f Hz at %" PRId64 " ms", result.beep_hz, result.beep_ms);
        printf("\n");
        failure = 0;
    }
    earwig_channel_unref(channel);
    return failure;
}

/* Runs one call from answer to hang-up; argv as in main. Returns 0, or 1 after an error. */
static int run_call(earwig_engine *engine, struct wav *wav, int argc, char **argv)
{
    const char *options_text = argc > 2 ? argv[2] : "", *recording = argc > 3 ? argv[3] : NULL;
    earwig_dtmf_options options;
    earwig_dtmf_result result;
    earwig_channel *channel;
    char error[256];
    int failure = 1;

    earwig_dtmf_options_init(&options);
    earwig_dtmf_result_init(&result);
    if (earwig_dtmf_options_parse(options_text, &options, error, sizeof error) != EARWIG_OK) {
        fprintf(stderr, "options: %s\n", error);
        return 1;
    }
    if (!(channel = open_channel(engine, wav)))
        return 1;
    if (failed("earwig_channel_answer", earwig_channel_answer(channel)) ||
        failed("earwig_dtmf_start", earwig_dtmf_start(channel, &options)) ||
        (recording && start_recording(channel, recording, argc > 4 ? argv[4] : "")) || feed(channel, wav) ||
        failed("earwig_dtmf_wait", earwig_dtmf_wait(channel, 5000, &result)))
        goto out;
    if (recording && finish_recording(channel))
        goto out;
    printf("cause %s, digits %s\n", earwig_dtmf_cause_str(result.cause), result.digits[0] ? result.digits : "none");
    failure = 0;
out:
    earwig_channel_unref(channel);
    return failure;
}

int main(int argc, char **argv)
{
    struct wav wav = {0};
    earwig_engine *engine = NULL;
    int failure = 1, machine = argc > 1 && !strcmp(argv[1], "--machine");

    argc -= machine;
    argv += machine;
    if (argc < 2 || argc > (machine ? 3 : 5)) {
        fprintf(stderr, "usage: host FILE.wav [OPTIONS [RECORDING [OPTIONS]]]\n       host --machine FILE.wav [OPTIONS]\n");
        return 2;
    }
    if (earwig_abi_version() != EARWIG_ABI_VERSION) {
        fprintf(stderr, "this host was built for version %d of the C API, the library has %" PRIu32 "\n",
                EARWIG_ABI_VERSION, earwig_abi_version());
        return 1;
    }
    if (wav_open(&wav, argv[1]))
        fprintf(stderr, "%s: no mono WAV of 8 or 16 kHz, 16-bit PCM or u-law\n", argv[1]);
    else if (!failed("earwig_engine_create", earwig_engine_create(NULL, &engine))) {
        failure = machine ? run_detection(engine, &wav, argc > 2 ? argv[2] : "") : run_call(engine, &wav, argc, argv);
        failure |= failed("earwig_engine_shutdown", earwig_engine_shutdown(engine, 5000)); /* all its threads have ended */
    }
    earwig_engine_unref(engine);
    if (wav.file)
        fclose(wav.file);
    return failure;
}

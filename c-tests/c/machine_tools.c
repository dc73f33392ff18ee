/* Helpers of the tests of detections. */
#include "machine.h"
#include <math.h>

enum { RATE = 8000, FRAME = 160, STEP = 80 };

static const double PI = 3.14159265358979323846;

/* ---- speech: pulses of a falling pitch through three formants, syllable by syllable ---- */

struct resonance {
    double a, b, c, y1, y2;
};

static void tune(struct resonance *r, double hz, double width_hz)
{
    r->c = -exp(-2 * PI * width_hz / RATE);
    r->b = 2 * exp(-PI * width_hz / RATE) * cos(2 * PI * hz / RATE);
    r->a = 1 - r->b - r->c;
}

static double resound(struct resonance *r, double x)
{
    double y = r->a * x + r->b * r->y1 + r->c * r->y2;
    r->y2 = r->y1;
    r->y1 = y;
    return y;
}

/* Syllables: length, ms, and start and end of the first two formants, Hz. */
static const struct syllable {
    double ms, f1, f2, to_f1, to_f2, loud;
} SYLLABLES[] = {
    {190, 450, 1700, 600, 1800, 0.9}, /* he */
    {260, 520, 1000, 420, 800, 1.0},  /* lo */
    {170, 700, 1200, 650, 1500, 0.8}, /* this */
    {150, 350, 2000, 400, 1900, 0.7}, /* is */
    {240, 650, 1100, 500, 900, 1.0},  /* a */
    {160, 400, 1900, 300, 2200, 0.8}, /* re */
    {210, 500, 1500, 620, 1300, 0.9}, /* cor */
    {230, 320, 2100, 400, 1700, 0.8}, /* ding */
};

static const int16_t *speech(void)
{
    enum { COUNT = SPEECH_MS * (RATE / 1000) };
    static int16_t samples[COUNT];
    static double wave[COUNT];
    struct resonance f[3];
    double phase = 0, at = 0, power = 0, gain;
    uint32_t noise = 1;
    int i, which = 0;

    if (samples[RATE / 10])
        return samples;
    memset(f, 0, sizeof f);
    for (i = 0; i < COUNT; i++) {
        const struct syllable *s = &SYLLABLES[which];
        double part = at / (s->ms * RATE / 1000), pitch_hz, pulse, hiss, envelope;

        if (i % STEP == 0) {
            tune(&f[0], s->f1 + (s->to_f1 - s->f1) * part, 80);
            tune(&f[1], s->f2 + (s->to_f2 - s->f2) * part, 110);
            tune(&f[2], 2600, 170);
        }
        /* The pitch falls within each syllable, with jitter. */
        pitch_hz = 135 - 25 * part + 12 * sin(2 * PI * 0.8 * i / RATE);
        noise = noise * 1664525 + 1013904223;
        hiss = (double)(noise >> 16) / 65536 - 0.5;
        phase += pitch_hz * (1 + 0.01 * hiss) / RATE;
        pulse = phase >= 1 ? 1 : 0;
        phase -= pulse;
        /* Fast attack, slow decay, never silent. */
        envelope = s->loud * (0.04 + fmin(1, part / 0.15) * pow(cos(PI / 2 * part), 0.6));
        wave[i] = envelope * resound(&f[2], resound(&f[1], resound(&f[0], pulse + 0.02 * hiss)));
        power += wave[i] * wave[i] / COUNT;
        if (++at >= s->ms * RATE / 1000) {
            at = 0;
            which = (which + 1) % (int)(sizeof SYLLABLES / sizeof *SYLLABLES);
        }
    }
    /* -16 dBm0: 0 dBm0 is a sine 3.14 dB below full scale. */
    gain = 32767 * sqrt(0.5) * pow(10, (-3.14 - 16) / 20) / sqrt(power);
    for (i = 0; i < COUNT; i++)
        samples[i] = (int16_t)fmax(-32767, fmin(32767, gain * wave[i]));
    samples[RATE / 10] |= 1;
    return samples;
}

static void write_frames(earwig_channel *channel, const int16_t *samples, int ms)
{
    int at;
    for (at = 0; at < ms * (RATE / 1000); at += FRAME)
        OK(earwig_channel_write(channel, EARWIG_STREAM_RX, samples + at, FRAME));
    flush(channel);
}

void play_speech(earwig_channel *channel, int ms)
{
    write_frames(channel, speech(), ms);
}

void play_tones(earwig_channel *channel, double hz, double hz2, int ms)
{
    static int16_t samples[5 * RATE];
    const double amplitude = 32767 * pow(10, (-3.14 - 13) / 20);
    int i;

    for (i = 0; i < ms * (RATE / 1000); i++)
        samples[i] = (int16_t)(amplitude * (sin(2 * PI * hz * i / RATE) + sin(2 * PI * hz2 * i / RATE)));
    write_frames(channel, samples, ms);
}

void play_human(earwig_channel *channel)
{
    play_silence(channel, 300);
    play_speech(channel, 500);
    play_silence(channel, 1300);
}

/* ---- detections ---- */

earwig_machine_options machine_options(void)
{
    earwig_machine_options options;
    OK(earwig_machine_options_init(&options));
    return options;
}

void machine_start(earwig_channel *channel, const earwig_machine_options *options)
{
    OK(earwig_machine_start(channel, options));
    flush(channel);
}

earwig_machine_result machine_result(earwig_channel *channel)
{
    earwig_machine_result result;
    OK(earwig_machine_result_init(&result));
    OK(earwig_machine_wait(channel, LONG_MS, &result));
    return result;
}

void check_detected(earwig_channel *channel, earwig_machine_verdict verdict, earwig_machine_cause cause)
{
    earwig_machine_result result = machine_result(channel);
    const char *name = earwig_machine_cause_str(cause);
    CHECK_INT(result.verdict, verdict);
    CHECK_INT(result.cause, cause);
    CHECK(strncmp(result.cause_text, name, strlen(name)) == 0);
}

const char *machine_events(earwig_channel *channel)
{
    static char text[512];
    earwig_event event;

    text[0] = '\0';
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(channel, &event) == EARWIG_OK) {
        if (event.type == EARWIG_EVENT_TYPE_MACHINE_BEEP && strlen(text) + 32 < sizeof text)
            sprintf(text + strlen(text), "%slate-beep", *text ? " " : "");
        if (event.type != EARWIG_EVENT_TYPE_MACHINE && event.type != EARWIG_EVENT_TYPE_MACHINE_ENDED)
            continue;
        if (strlen(text) + 32 < sizeof text)
            sprintf(text + strlen(text), "%s%s%s", *text ? " " : "", earwig_machine_event_str(event.machine_event),
                    event.beep && event.type == EARWIG_EVENT_TYPE_MACHINE ? "+beep" : "");
    }
    return text;
}

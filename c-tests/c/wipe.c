/* A search for a test key in the memory of this process. */
#include "wipe.h"
#include <fcntl.h>
#include <unistd.h>

/* The key is kept XORed, so that the search does not find this copy. */
enum { MASK = 0x5A };
static const unsigned char masked_key[32] = {
    0x3C, 0xE1, 0x96, 0x0D, 0x72, 0xAF, 0x58, 0xB4, 0xCB, 0x29, 0x87, 0xF0, 0x1E, 0x63, 0xDA, 0x45,
    0x8B, 0x14, 0xF6, 0x39, 0xC0, 0x6D, 0xA2, 0x57, 0xE8, 0x0F, 0x93, 0x7A, 0x21, 0xBC, 0xD5, 0x4E,
};

void write_key(void *bytes)
{
    volatile unsigned char *key = bytes;
    int i;
    for (i = 0; i < KEY_BYTES; i++)
        key[i] = masked_key[i] ^ MASK;
}

char *write_key_digits(char *text)
{
    int i;
    for (i = 0; i < KEY_BYTES; i++)
        text += sprintf(text, "%02x", masked_key[i] ^ MASK);
    return text;
}

void wipe_bytes(void *bytes, size_t count)
{
    volatile unsigned char *wiped = bytes;
    while (count > 0)
        wiped[--count] = 0;
}

/* Valgrind keeps copies of memory and registers, and a sanitizer has gigabytes to search. */
int can_search_memory(void)
{
    return !on_valgrind() && !SANITIZED;
}

enum { WINDOW = 1 << 20 };
/* The memory read last; the search skips it. */
static unsigned char window[WINDOW];

/* A hexadecimal digit of the key: the `k`th from byte `at` on. */
static unsigned char digit_of(int at, int k)
{
    int byte = masked_key[at + k / 2] ^ MASK;
    return (unsigned char)"0123456789abcdef"[k % 2 ? byte & 15 : byte >> 4];
}

int key_occurrences(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY), times = 0;

    CHECK(maps != NULL && memory >= 0);
    while (maps && memory >= 0 && fgets(line, sizeof line, maps)) {
        unsigned long from, to, at;
        char mode[5] = "";
        if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || mode[0] != 'r' || mode[1] != 'w')
            continue;
        for (at = from; at < to; at += WINDOW - 16) {
            ssize_t i, count, wanted = to - at < WINDOW ? (ssize_t)(to - at) : WINDOW;
            if ((unsigned char *)at < window + WINDOW && (unsigned char *)at + wanted > window)
                continue;
            count = pread(memory, window, (size_t)wanted, (off_t)at);
            for (i = 0; i + 16 <= count; i++) {
                int half, k;
                for (half = 0; half < 32; half += 16) {
                    for (k = 0; k < 16 && (window[i + k] ^ MASK) == masked_key[half + k]; k++)
                        ;
                    times += k == 16;
                    /* Hexadecimal digits are twice as long. */
                    for (k = 0; k < 16 && window[i + k] == digit_of(half, k); k++)
                        ;
                    times += k == 16;
                }
            }
        }
    }
    if (maps)
        fclose(maps);
    if (memory >= 0)
        close(memory);
    return times;
}

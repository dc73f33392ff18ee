/* A control: two threads have the library write to one struct. ThreadSanitizer must report the race, or the library is not
 * instrumented. */
#include <earwig.h>
#include <pthread.h>

static earwig_event event;

static void *fill(void *user)
{
    int i;
    for (i = 0; i < 1000; i++)
        if (earwig_event_init(&event) != EARWIG_OK)
            return user;
    return NULL;
}

int main(void)
{
    pthread_t other;
    if (pthread_create(&other, NULL, fill, &event) != 0)
        return 1;
    fill(&event);
    return pthread_join(other, NULL);
}

/* Runs every test, or those whose names contain an argument. */
#include "test.h"

static struct test *tests;
static struct test **end = &tests;
static int failures;

void test_add(struct test *test)
{
    *end = test;
    end = &test->next;
}

void test_fail(const char *file, int line, const char *what)
{
    failures++;
    printf("%s:%d: %s\n", file, line, what);
    fflush(stdout);
}

void test_int(const char *file, int line, const char *what, long long got, long long wanted)
{
    char text[256];
    if (got == wanted)
        return;
    snprintf(text, sizeof text, "%s is %lld, not %lld", what, got, wanted);
    test_fail(file, line, text);
}

void test_text(const char *file, int line, const char *what, const char *got, const char *wanted)
{
    char text[256];
    if (got && strcmp(got, wanted) == 0)
        return;
    snprintf(text, sizeof text, "%s is \"%s\", not \"%s\"", what, got ? got : "(NULL)", wanted);
    test_fail(file, line, text);
}

int test_failures(void)
{
    return failures;
}

static int wanted(const struct test *test, int count, char **names)
{
    int i;
    for (i = 1; i < count; i++)
        if (strstr(test->name, names[i]))
            return 1;
    return count < 2;
}

int main(int count, char **names)
{
    int passed = 0, failed = 0;
    uint64_t live;
    struct test *test;

    for (test = tests; test; test = test->next) {
        if (!wanted(test, count, names))
            continue;
        failures = 0;
        live = earwig_live_handles();
        test->run();
        CHECK_INT(earwig_live_handles(), live);
        if (failures)
            printf("FAILED %s (%s)\n", test->name, test->file);
        failures ? failed++ : passed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed ? 1 : 0;
}
